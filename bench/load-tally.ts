interface Row {
  readonly latenciesMs: number[];
  points: number;
  errors: number;
}

// Above it a row keeps every call's count, but percentiles of the first calls only.
const MAX_LATENCIES = 1_000_000;
const MAX_TEXTS = 5;

/** Counts calls by kind, with their latencies. */
export class Tally {
  readonly #rows = new Map<string, Row>();
  readonly #texts = new Set<string>();
  #calls = 0;
  #errors = 0;

  get calls(): number {
    return this.#calls;
  }

  get errors(): number {
    return this.#errors;
  }

  succeeded(kind: string, latencyMs: number, points: number): void {
    const row = this.#row(kind);
    this.#calls += 1;
    row.points += points;
    if (row.latenciesMs.length < MAX_LATENCIES) row.latenciesMs.push(latencyMs);
  }

  failed(kind: string, text: string): void {
    this.#calls += 1;
    this.#errors += 1;
    this.#row(kind).errors += 1;
    if (this.#texts.size < MAX_TEXTS) this.#texts.add(`${kind}: ${text}`);
  }

  #row(kind: string): Row {
    const row = this.#rows.get(kind) ?? { latenciesMs: [], points: 0, errors: 0 };
    this.#rows.set(kind, row);
    return row;
  }

  table(elapsedMs: number): string {
    const head = ['call', 'calls', 'calls/s', 'points/s', 'p50 ms', 'p90 ms', 'p99 ms', 'max ms', 'errors'];
    const rows = [...this.#rows].sort().map(([kind, row]) => cells(kind, row, elapsedMs));
    const lines = [head, ...rows].map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(8) : cell.padStart(10))).join(''),
    );
    const rate = ((this.#calls / elapsedMs) * 1000).toFixed(0);
    const total = `${this.#calls} calls in ${(elapsedMs / 1000).toFixed(1)} s, ${rate}/s, ${this.#errors} errors`;
    return `${[...lines, total, ...this.#texts].join('\n')}\n`;
  }
}

function cells(kind: string, row: Row, elapsedMs: number): string[] {
  const sorted = Float64Array.from(row.latenciesMs).sort();
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  const perSecond = (count: number) => ((count / elapsedMs) * 1000).toFixed(0);
  const counts = [
    row.latenciesMs.length + row.errors,
    perSecond(row.latenciesMs.length),
    perSecond(row.points),
  ];
  return [kind, ...counts.map(String), at(0.5), at(0.9), at(0.99), at(1), String(row.errors)];
}
