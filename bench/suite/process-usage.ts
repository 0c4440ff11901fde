import { existsSync, readFileSync } from 'node:fs';

// Both are read from outside, so that asking costs the process nothing. /proc is Linux only.
const clockTicksPerSecond = 100;

export const canReadUsage = existsSync('/proc/self/stat');

/** CPU time of all threads of a process so far, in µs, in steps of 10 ms; undefined where there is no /proc. */
export function cpuMicros(pid: number): number | undefined {
  if (!canReadUsage) return undefined;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the command may hold spaces: fields are counted from the bracket behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / clockTicksPerSecond;
}

/** Resident memory in MiB; undefined where there is no /proc. */
export function residentMiB(pid: number): number | undefined {
  if (!canReadUsage) return undefined;
  const kibibytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) / 1024;
}
