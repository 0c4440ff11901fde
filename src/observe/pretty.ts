const colours: Readonly<Record<string, string>> = { debug: '90', info: '32', warn: '33', error: '31' };

/** A JSON line of the log as a line for a person. A line that cannot be read is passed on as it is. */
export function prettyLine(line: string, useColour: boolean): string {
  let fields: Record<string, unknown>;
  try {
    // The logger wrote the line: an object with text keys.
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { time, level, msg, ...rest } = fields;
  const levelText = String(level);
  const label = paint(levelText.toUpperCase().padEnd(5), colours[levelText] ?? '0', useColour);
  const clock = String(time).slice(11, 23);
  const text = msg === 'call' && 'rpc' in rest ? callText(rest) : `${String(msg)}${pairs(rest)}`;
  return `${clock} ${label} ${text}${stackText(rest)}\n`;
}

function callText(call: Record<string, unknown>): string {
  const {
    rpc,
    code,
    durationMs,
    tenant,
    principal,
    requestId,
    bytesIn,
    bytesOut,
    attempts,
    reason,
    ...rest
  } = call;
  const tenantText = tenant === undefined ? '' : ` tenant=${String(tenant)}`;
  const who = principal === undefined ? tenantText : `${tenantText} principal=${plain(principal)}`;
  const why = reason === undefined ? '' : ` reason=${plain(reason)}`;
  const sizes = `in=${size(bytesIn)} out=${size(bytesOut)} attempts=${String(attempts)}`;
  const time = Number(durationMs).toFixed(1);
  return `${String(rpc)} ${String(code)} ${time} ms${who}${why} ${sizes} id=${String(requestId)}${pairs(rest)}`;
}

function size(value: unknown): string {
  const bytes = Number(value);
  if (bytes < 1_024) return `${bytes}B`;
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)}KiB` : `${(bytes / 1_048_576).toFixed(1)}MiB`;
}

function pairs(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .filter(([, value]) => !isErrorLike(value))
    .map(([name, value]) => ` ${name}=${plain(value)}`)
    .join('');
}

function plain(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'undefined';
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

interface ErrorLike {
  readonly message?: unknown;
  readonly stack: string;
}

function isErrorLike(value: unknown): value is ErrorLike {
  return typeof value === 'object' && value !== null && 'stack' in value && typeof value.stack === 'string';
}

/** Stacks go under the line; their line breaks were escaped when they were written. */
function stackText(fields: Record<string, unknown>): string {
  return Object.values(fields)
    .filter(isErrorLike)
    .map((error) => `\n  ${error.stack.replaceAll('\\n', '\n  ')}`)
    .join('');
}

function paint(text: string, colour: string, useColour: boolean): string {
  return useColour ? `\u001b[${colour}m${text}\u001b[0m` : text;
}
