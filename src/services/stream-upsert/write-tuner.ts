import { LeastRecent } from './least-recent.js';

export interface WriteTunerOptions {
  /** Most points in a write, and most writes at a time. */
  readonly maxPoints: number;
  readonly maxInFlight: number;
  /** False: these are kept to from the first write on. */
  readonly adapts: boolean;
  readonly nowMs?: () => number;
}

/** Told once when the write has ended; `wasTroubled`: it took more than one attempt, or failed. */
export type EndWrite = (wasTroubled: boolean) => void;

/**
 * Decides how many points of a stream are with the backend at a time, and cuts them into writes. While the backend
 * answers soon the window grows by a step a round; when it answers late, or a write was in trouble, the window is
 * halved, once for all writes that were under way (AIMD, as TCP does).
 */
export class WriteTuner {
  readonly #options: WriteTunerOptions;
  readonly #nowMs: () => number;
  readonly #usualPoints: number;
  readonly #minPoints: number;
  readonly #maxWindow: number;
  // The queue that we make ourselves in front of the backend shows as what is above this.
  readonly #floorMs: LeastRecent;
  #window: number;
  #cuts = 0;

  constructor(options: WriteTunerOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#floorMs = new LeastRecent(floorMemoryMs, this.#nowMs);
    this.#usualPoints = Math.min(usualPoints, options.maxPoints);
    this.#minPoints = Math.min(minPoints, options.maxPoints);
    this.#maxWindow = options.maxPoints * options.maxInFlight;
    this.#window = options.adapts
      ? Math.min(this.#maxWindow, this.#usualPoints * usualInFlight)
      : this.#maxWindow;
  }

  /** Points that may be with the backend at a time. */
  get window(): number {
    return this.#window;
  }

  /** Writes that may run at a time. */
  get inFlight(): number {
    if (!this.#options.adapts) return this.#options.maxInFlight;
    return clamp(Math.ceil(this.#window / this.#usualPoints), 1, this.#options.maxInFlight);
  }

  /** Points that fill a write. */
  get points(): number {
    return clamp(Math.round(this.#window / this.inFlight), this.#minPoints, this.#options.maxPoints);
  }

  /** A write of so many points begins; `fillsWindow`: after it, the next one has to wait. */
  begin(points: number, fillsWindow: boolean): EndWrite {
    const beganAtMs = this.#nowMs();
    const cutsBefore = this.#cuts;
    return (wasTroubled) => {
      if (!this.#options.adapts) return;
      const tookMs = this.#nowMs() - beganAtMs;
      // A write with retries says how long we waited between them, not how fast the backend is.
      const floorMs = wasTroubled ? tookMs : this.#floorMs.observe(tookMs);
      if (wasTroubled || tookMs > Math.max(lateMs, lateFactor * floorMs)) {
        if (cutsBefore === this.#cuts) this.#cut();
      } else if (fillsWindow && tookMs <= clamp(soonFactor * floorMs, soonMs, maxSoonMs)) {
        this.#window = Math.min(this.#maxWindow, this.#window + (stepPoints * points) / this.#window);
      }
    };
  }

  #cut(): void {
    this.#cuts += 1;
    this.#window = Math.max(this.#minPoints, this.#window / 2);
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

// Where a stream begins: what a Qdrant nearby stores in some 100 ms.
const usualPoints = 256;
const usualInFlight = 4;
const minPoints = 64;
/** What the window grows by while as many points are answered as it holds. */
const stepPoints = 256;
// Soon is twice what the backend takes at best: from there on, more at a time only waits longer. Below the first
// number a queue harms nobody, above the second it always does.
const soonFactor = 2;
const soonMs = 100;
const maxSoonMs = 500;
const lateFactor = 4;
const lateMs = 1000;
const floorMemoryMs = 10_000;
