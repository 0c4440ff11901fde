/** A time of day in UTC: whole seconds since 1970 and nanoseconds, 0 to 999,999,999, after them. */
export interface Instant {
  readonly seconds: number;
  readonly nanos: number;
}

export const compareInstants = (left: Instant, right: Instant): number =>
  left.seconds - right.seconds || left.nanos - right.nanos;

// The forms that Qdrant reads: RFC 3339, the same with a space, or without zone (then UTC), seconds or time.
const DATE = '([+-]?\\d{4})-(\\d{2})-(\\d{2})';
const TIME = '(\\d{2}):(\\d{2})(?::(\\d{2})(?:\\.(\\d{1,9})\\d*)?)?';
const ZONE = '(?:\\s*([zZ])|\\s*([+-])(\\d{2}):?(\\d{2})?)';
const FORM = new RegExp(`^${DATE}(?:([Tt ])${TIME}${ZONE}?)?$`);

/** Undefined for a text that is not a date. */
export function parseInstant(text: string): Instant | undefined {
  const parts = FORM.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, separator, hour, minute, second, fraction, , sign, zoneHours, zoneMinutes] =
    parts;
  const isShort = separator !== undefined && second === undefined;
  // Minutes alone are read only in "YYYY-MM-DD HH:MM".
  if (isShort && (separator !== ' ' || parts[9] !== undefined || sign !== undefined)) return undefined;
  const fields = [hour, minute, second].map((digits) => Number(digits ?? 0));
  const [hours = 0, minutes = 0, seconds = 0] = fields;
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const midnightMs = midnightOf(Number(year), Number(month), Number(day));
  if (midnightMs === undefined) return undefined;
  const zoneSeconds = (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0)) * 60;
  const local = midnightMs / 1000 + (hours * 60 + minutes) * 60 + seconds;
  return {
    seconds: sign === '-' ? local + zoneSeconds : local - zoneSeconds,
    nanos: Number((fraction ?? '').padEnd(9, '0')),
  };
}

/** Undefined for a day that is not in the calendar, which `Date` would carry over into the next month. */
function midnightOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  const midnightMs = date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? midnightMs : undefined;
}
