import { setTimeout as sleep } from 'node:timers/promises';
import { streamWriter } from '../callers/streams.js';
import { residentMiB } from '../process-usage.js';
import { type Figures, interleave } from '../rounds.js';
import { type ChildTarget, startChild } from '../targets/child.js';
import { startGateway } from '../targets/gateway.js';
import type { SlowBackendInput } from '../targets/slow-backend.js';
import { type Bench, type SectionReport, withProcesses } from './section.js';

const pointsPerSecond = 2_000;
const settleMs = 2_000;
const sampleMs = 50;

/** The gateway's memory while one stream sends as fast as it may into a backend that is slow. */
export async function runMemory(bench: Bench): Promise<SectionReport> {
  const cell = { row: 'stream', callers: 1, measure: () => measure(bench) };
  return {
    name: 'memory',
    title: `memory: one stream into a backend slowed to ${pointsPerSecond} points/s`,
    // A gateway that was idle before is needed: a second round would begin with another one.
    results: await interleave([cell], 1, bench.onProgress),
    notes: ['the backend is a stand-in of the bench; it does not need Qdrant'],
    targets: [],
  };
}

function measure({ options, messages }: Bench): Promise<Figures> {
  return withProcesses(async (keep) => {
    const input: SlowBackendInput = { dimension: options.dimension, pointsPerSecond };
    const backend = await keep(startChild('slow-backend.js', input));
    const gateway = await keep(startGateway({ env: { QDRANT_URL: `http://${backend.address}` } }));
    await sleep(settleMs);
    const idleMiB = residentMiB(gateway.pid);
    const writer = streamWriter(gateway.address);
    const beganAtMs = performance.now();
    const writing = writer.write((sent) => sent >= options.memoryPoints, messages.ofCaller(0));
    const peakMiB = await peakDuring(gateway, writing);
    const points = await writing;
    writer.close();
    const rate = (points * 1000) / (performance.now() - beganAtMs);
    if (idleMiB === undefined || peakMiB === undefined) return { points, pointsPerSecond: rate };
    return { overIdleMiB: peakMiB - idleMiB, idleMiB, peakMiB, points, pointsPerSecond: rate };
  });
}

async function peakDuring(gateway: ChildTarget, work: Promise<unknown>): Promise<number | undefined> {
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  let peak = residentMiB(gateway.pid);
  while (!isOver) {
    const now = residentMiB(gateway.pid);
    if (peak !== undefined && now !== undefined) peak = Math.max(peak, now);
    await Promise.race([over, sleep(sampleMs)]);
  }
  return peak;
}
