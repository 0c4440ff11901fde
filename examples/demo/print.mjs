const { stdout } = process;

export function say(text) {
  stdout.write(`${text}\n`);
}

export function heading(text) {
  say(`\n== ${text}`);
}

/** Hits with payload_struct as a small table. */
export function hits(results) {
  if (results.length === 0) say('  (nothing found)');
  for (const { score, payload_struct } of results) {
    const { name, section, summary } = payload_struct.fields;
    const cells = [
      score.toFixed(3),
      name.stringValue.padEnd(28),
      section.stringValue.padEnd(12),
      summary.stringValue,
    ];
    say(`  ${cells.join('  ')}`);
  }
}

/** A bar that is redrawn in a terminal; elsewhere a line for every quarter. */
export function progress(total) {
  let done = 0;
  let quarters = 0;
  const draw = () => {
    const share = done / total;
    if (stdout.isTTY) {
      const width = 30;
      const full = Math.round(share * width);
      stdout.write(`\r[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${done}/${total}`);
    } else if (Math.floor(share * 4) > quarters) {
      quarters = Math.floor(share * 4);
      say(`handed over ${done} of ${total}`);
    }
  };
  return {
    add(count) {
      done += count;
      draw();
    },
    end() {
      if (stdout.isTTY) stdout.write('\n');
    },
  };
}
