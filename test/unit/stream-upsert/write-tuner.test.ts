import fc from 'fast-check';
import { WriteTuner } from '../../../src/services/stream-upsert/write-tuner.js';

/** A backend in simulated time: it takes `fixedMs` for any write, and stores points one after the other. */
interface Backend {
  readonly fixedMs: number;
  readonly pointsPerSecond: number;
}

interface Running {
  readonly endsAtMs: number;
  readonly end: (wasTroubled: boolean) => void;
}

class Simulation {
  nowMs = 0;
  stored = 0;
  readonly tuner: WriteTuner;
  #running: Running[] = [];
  #busyUntilMs = 0;

  constructor(maxPoints = 1024, maxInFlight = 8) {
    this.tuner = new WriteTuner({ maxPoints, maxInFlight, adapts: true, nowMs: () => this.nowMs });
  }

  /** A caller that always has more to send, for some time; `troubled` says of every write whether it was. */
  run(backend: Backend, forMs: number, troubled: () => boolean = () => false): void {
    const untilMs = this.nowMs + forMs;
    while (this.nowMs < untilMs) {
      while (this.#running.length < this.tuner.inFlight) this.#write(backend);
      this.#running.sort((a, b) => a.endsAtMs - b.endsAtMs);
      const next = this.#running.shift();
      if (next === undefined) return;
      this.nowMs = next.endsAtMs;
      next.end(troubled());
    }
  }

  #write({ fixedMs, pointsPerSecond }: Backend): void {
    const { points, inFlight } = this.tuner;
    const end = this.tuner.begin(points, this.#running.length + 1 >= inFlight);
    this.#busyUntilMs = Math.max(this.#busyUntilMs, this.nowMs) + (points * 1000) / pointsPerSecond;
    this.#running.push({ endsAtMs: this.#busyUntilMs + fixedMs, end });
    this.stored += points;
  }
}

test('numbers stay between their bounds, whatever the backend does', () => {
  const phase = fc.record({
    fixedMs: fc.integer({ min: 0, max: 5000 }),
    pointsPerSecond: fc.integer({ min: 10, max: 1_000_000 }),
    troubledPercent: fc.constantFrom(0, 0, 10, 100),
  });
  const bounds = fc.record({
    maxPoints: fc.integer({ min: 1, max: 10_000 }),
    maxInFlight: fc.integer({ min: 1, max: 64 }),
  });
  fc.assert(
    fc.property(bounds, fc.array(phase, { minLength: 1, maxLength: 4 }), (most, phases) => {
      const simulation = new Simulation(most.maxPoints, most.maxInFlight);
      let turn = 0;
      for (const { troubledPercent, ...backend } of phases) {
        for (let step = 0; step < 20; step += 1) {
          simulation.run(backend, 500, () => (turn++ * 37) % 100 < troubledPercent);
          const { points, inFlight } = simulation.tuner;
          expect(points).toBeGreaterThanOrEqual(Math.min(64, most.maxPoints));
          expect(points).toBeLessThanOrEqual(most.maxPoints);
          expect(inFlight).toBeGreaterThanOrEqual(1);
          expect(inFlight).toBeLessThanOrEqual(most.maxInFlight);
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('far from a fast backend it grows to the limits, since only the way takes long', () => {
  const simulation = new Simulation();
  simulation.run({ fixedMs: 80, pointsPerSecond: 1_000_000 }, 20_000);
  expect(simulation.tuner).toMatchObject({ points: 1024, inFlight: 8 });
});

test('at a backend that is busy it stops growing where more would only wait', () => {
  const simulation = new Simulation();
  simulation.run({ fixedMs: 2, pointsPerSecond: 6_000 }, 60_000);
  // 500 ms of work and a step at most, and not so little that the backend would be idle between two writes.
  expect(simulation.tuner.window).toBeLessThanOrEqual(3_000 + 512);
  expect(simulation.tuner.inFlight).toBeGreaterThanOrEqual(2);
  expect(simulation.stored).toBeGreaterThan(0.97 * 6_000 * 60);
});

test('a backend that becomes 50 times slower gets far less at a time within seconds, and more when it is back', () => {
  const simulation = new Simulation();
  simulation.run({ fixedMs: 2, pointsPerSecond: 30_000 }, 10_000);
  const before = simulation.tuner.window;
  simulation.run({ fixedMs: 2, pointsPerSecond: 600 }, 20_000);
  expect(simulation.tuner.window).toBeLessThanOrEqual(before / 2);
  expect(simulation.tuner.window).toBeLessThanOrEqual(1_200);
  simulation.run({ fixedMs: 2, pointsPerSecond: 30_000 }, 10_000);
  expect(simulation.tuner.window).toBeGreaterThanOrEqual(0.8 * before);
});

test('trouble of writes that ran together halves the window once', () => {
  const simulation = new Simulation();
  const { tuner } = simulation;
  const ends = Array.from({ length: 4 }, () => tuner.begin(tuner.points, true));
  for (const end of ends) end(true);
  expect(tuner.window).toBe(512);
  for (const end of Array.from({ length: 2 }, () => tuner.begin(tuner.points, true))) end(true);
  expect(tuner.window).toBe(256);
});

test('a caller that is slower than the backend does not make the window grow', () => {
  const { tuner } = new Simulation();
  for (let write = 0; write < 1000; write += 1) tuner.begin(10, false)(false);
  expect(tuner.window).toBe(1024);
});

test('switched off, it keeps to the limits', () => {
  const tuner = new WriteTuner({ maxPoints: 300, maxInFlight: 3, adapts: false });
  for (let write = 0; write < 10; write += 1) tuner.begin(300, true)(true);
  expect(tuner).toMatchObject({ points: 300, inFlight: 3 });
});
