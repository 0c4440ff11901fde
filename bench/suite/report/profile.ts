import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const shown = 30;

/** The functions in which the gateways of a section spent most time themselves, from their CPU profiles. */
export function profileText(folder: string): string {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.cpuprofile')) : [];
  const micros = new Map<string, number>();
  for (const file of files) addTimes(JSON.parse(readFileSync(join(folder, file), 'utf8')), micros);
  micros.delete('(idle)');
  const total = [...micros.values()].reduce((sum, each) => sum + each, 0);
  const rows = [...micros].sort(([, a], [, b]) => b - a).slice(0, shown);
  return [
    `CPU of the main threads, start included: ${(total / 1000).toFixed(0)} ms in ${files.length} profiles`,
    ...rows.map(
      ([name, own]) =>
        `${(own / 1000).toFixed(0).padStart(8)} ms ${((own * 100) / total).toFixed(1).padStart(5)} %  ${name}`,
    ),
    '',
  ].join('\n');
}

function addTimes({ nodes, samples, timeDeltas }: Profile, micros: Map<string, number>): void {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  samples.forEach((id, index) => {
    const name = names.get(id) ?? '';
    micros.set(name, (micros.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  });
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const file = url.split('/').slice(-3).join('/');
  return file === '' ? functionName : `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`;
}
