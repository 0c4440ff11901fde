import { join } from 'node:path';
import { type Ground, tenant } from '../ground.js';
import type { MessageStore } from '../measure.js';
import type { BenchOptions, SectionName } from '../options.js';
import type { VectorSource } from '../points.js';
import type { Result } from '../rounds.js';
import type { ChildTarget } from '../targets/child.js';
import type { DirectTarget } from '../targets/direct.js';
import { startGateway } from '../targets/gateway.js';

/** What every section works with. */
export interface Bench {
  readonly options: BenchOptions;
  /** Undefined on the embedded store: only its gateway reaches it. */
  readonly direct: DirectTarget | undefined;
  readonly ground: Ground;
  readonly vectors: VectorSource;
  readonly messages: MessageStore;
  readonly onProgress: (text: string) => void;
}

/** A figure that was promised. */
export interface Target {
  readonly text: string;
  readonly figure: number;
  readonly met: boolean;
}

export interface SectionReport {
  readonly name: SectionName;
  readonly title: string;
  readonly results: readonly Result[];
  /** Sentences below the table. */
  readonly notes: readonly string[];
  /** Judged on a real Qdrant only. */
  readonly targets: readonly Target[];
}

export interface Bound {
  readonly text: string;
  readonly figure: number | undefined;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** What was measured is judged; what was not is left out, as is everything on the embedded store. */
export function judge({ direct }: Bench, bounds: readonly Bound[]): Target[] {
  if (direct === undefined) return [];
  return bounds.flatMap(({ text, figure, atLeast = 0, atMost = Number.POSITIVE_INFINITY }) =>
    figure === undefined ? [] : [{ text, figure, met: figure >= atLeast && figure <= atMost }],
  );
}

/** Runs `work` with processes that are stopped after it, however it ends. */
export async function withProcesses<T>(
  work: (keep: (started: Promise<ChildTarget>) => Promise<ChildTarget>) => Promise<T>,
): Promise<T> {
  const started: Promise<ChildTarget>[] = [];
  try {
    return await work((target) => {
      started.push(target);
      return target;
    });
  } finally {
    const running = await Promise.allSettled(started);
    await Promise.all(running.map((each) => (each.status === 'fulfilled' ? each.value.stop() : undefined)));
  }
}

/** A gateway of a section, with a CPU profile when one was asked for. */
export function gatewayFor(
  { options }: Bench,
  section: SectionName,
  env?: Readonly<Record<string, string>>,
): Promise<ChildTarget> {
  const profileInto = options.profile ? profileFolder(options, section) : undefined;
  return startGateway({ env, profileInto });
}

/** One folder a run, so that profiles of earlier ones are not mixed in. */
export const profileFolder = ({ out }: BenchOptions, section: SectionName): string =>
  join(out, 'profiles', tenant, section);

/** Whether `--rows` asks for a row. */
export const isWanted =
  (names: readonly string[] | undefined) =>
  ({ name }: { readonly name: string }): boolean =>
    names === undefined || names.includes(name);
