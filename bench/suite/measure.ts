import type { Messages, Searcher, Writer } from './callers/types.js';
import { EncodedPoints, type VectorSource } from './points.js';
import { cpuMicros } from './process-usage.js';
import type { Figures } from './rounds.js';
import { percentile, sum } from './stats.js';

/** Makes the messages of callers once, and gives the same ones to every row. */
export class MessageStore {
  readonly #first: EncodedPoints;
  readonly #made: Messages[] = [];

  constructor(points: number, vectors: VectorSource) {
    this.#first = EncodedPoints.make(points, vectors);
  }

  ofCaller(index: number): Messages {
    this.#made[index] ??= [this.#first.copy(), this.#first.copy()];
    return this.#made[index];
  }
}

export interface Load {
  readonly callers: number;
  readonly seconds: number;
  /** The process in the middle, whose CPU time is taken; none when the call is direct. */
  readonly pid: number | undefined;
}

/** Points a second, until the last of them is confirmed. */
export async function measureWrites(
  writer: Writer,
  messages: MessageStore,
  { callers, seconds, pid }: Load,
): Promise<Figures> {
  const own = Array.from({ length: callers }, (_, index) => messages.ofCaller(index));
  const cpu = cpuOf(pid);
  const beganAtMs = performance.now();
  const isDone = (): boolean => performance.now() >= beganAtMs + seconds * 1000;
  const points = sum(await Promise.all(own.map((each) => writer.write(isDone, each))));
  const elapsedMs = performance.now() - beganAtMs;
  return { pointsPerSecond: (points * 1000) / elapsedMs, cpuMicrosPerPoint: cpu(points) };
}

/** Latencies as the caller sees them, and calls a second. */
export async function measureSearches(searcher: Searcher, { callers, seconds, pid }: Load): Promise<Figures> {
  const latenciesMs: number[] = [];
  const cpu = cpuOf(pid);
  const beganAtMs = performance.now();
  const endAtMs = beganAtMs + seconds * 1000;
  const drive = async (): Promise<void> => {
    do {
      const startMs = performance.now();
      const found = await searcher.search(latenciesMs.length);
      latenciesMs.push(performance.now() - startMs);
      if (found === 0) throw new Error('a search found nothing');
    } while (performance.now() < endAtMs);
  };
  await Promise.all(Array.from({ length: callers }, drive));
  const elapsedMs = performance.now() - beganAtMs;
  return {
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    callsPerSecond: (latenciesMs.length * 1000) / elapsedMs,
    cpuMicrosPerCall: cpu(latenciesMs.length),
  };
}

/** CPU time of a process from now on, divided by a count. */
function cpuOf(pid: number | undefined): (count: number) => number | undefined {
  const before = pid === undefined ? undefined : cpuMicros(pid);
  return (count) => {
    if (pid === undefined || before === undefined) return undefined;
    return ((cpuMicros(pid) ?? before) - before) / count;
  };
}
