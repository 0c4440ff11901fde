import type { Result } from '../rounds.js';
import type { SectionReport } from '../sections/section.js';

const width = 720;
const labelWidth = 170;
const valueWidth = 110;
const barHeight = 16;
const gap = 4;
const titleHeight = 34;

/** Which figure of a section is drawn; the first one that it has. */
const drawn = [
  ['pointsPerSecond', 'points/s'],
  ['p50Ms', 'p50 ms'],
  ['streamPointsPerSecond', 'stream points/s'],
] as const;

/** A plot of bars for each section, one below the other; light and dark backgrounds suit it. */
export function plot(sections: readonly SectionReport[]): string {
  let top = 0;
  const parts = sections.flatMap((section) => {
    const found = drawn.find(([name]) => section.results.some(({ medians }) => name in medians));
    if (found === undefined) return [];
    const chart = bars(section, found, top);
    top += titleHeight + section.results.length * (barHeight + gap) + titleHeight / 2;
    return [chart];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${top}" fill="#fff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function bars(section: SectionReport, [name, unit]: (typeof drawn)[number], top: number): string {
  const values = section.results.map(({ medians }) => medians[name] ?? 0);
  const scale = (width - labelWidth - valueWidth) / Math.max(...values, Number.MIN_VALUE);
  const title = `<text x="8" y="${top + 22}" font-weight="bold">${escaped(`${section.title} (${unit})`)}</text>`;
  const rows = section.results.map((result, index) => {
    const y = top + titleHeight + index * (barHeight + gap);
    return bar(result, values[index] ?? 0, scale, y);
  });
  return [title, ...rows].join('\n');
}

function bar({ row, callers }: Result, value: number, scale: number, y: number): string {
  const length = Math.round(value * scale);
  const text = value >= 100 ? value.toFixed(0) : value.toFixed(2);
  const baseline = y + barHeight - 4;
  return [
    `<text x="${labelWidth - 8}" y="${baseline}" text-anchor="end">${escaped(`${row}, ${callers}`)}</text>`,
    `<rect x="${labelWidth}" y="${y}" width="${length}" height="${barHeight}" fill="${colourOf(row)}"/>`,
    `<text x="${labelWidth + length + 6}" y="${baseline}">${text}</text>`,
  ].join('');
}

// What is not the gateway's is grey.
const beside = new Set(['official', 'official-plain', 'raw', 'bare']);
const colourOf = (row: string): string => (beside.has(row) ? '#9aa3ad' : '#2f6fb3');

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
