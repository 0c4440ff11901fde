import { UsageError } from './usage-error.js';

/** The value of a flag. Throws UsageError. */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(
    `${flag}: got ${JSON.stringify(text)}, allowed: a whole number from ${least} to ${most}`,
  );
}

/** 12345 → "12,345". */
export function thousands(value: number): string {
  return value.toLocaleString('en-US');
}

/** 75 → "1:15", 3700 → "1:01:40". */
export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
