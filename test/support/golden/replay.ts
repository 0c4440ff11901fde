import type { Answer, JsonClient } from './client.js';
import { compare } from './compare.js';
import { type Case, type Fields, namesIn, readFixture } from './recordings.js';
import { isFields, scrub } from './scrub.js';

/** Replays recorded cases on one server, one after the other. */
export class Replay {
  #loaded: string | undefined;
  #loadedNames = new Set<string>();

  constructor(private readonly client: JsonClient) {}

  /** What differs, one line a step; none when the case passes. */
  async run(recorded: Case): Promise<string[]> {
    const answers = await this.answers(recorded);
    return recorded.steps.flatMap((step, index) => {
      const difference = compare(step, answers[index] ?? { code: 'nothing' });
      if (difference === undefined) return [];
      return [`step ${index} ${step.rpc} ${JSON.stringify(step.request).slice(0, 300)}: ${difference}`];
    });
  }

  /** What the server answers to each step, cut down to what recordings hold. */
  async answers(recorded: Case): Promise<Answer[]> {
    const names = namesIn(recorded.steps);
    if (recorded.fixture === undefined) await this.#remove(names);
    else await this.#load(recorded.fixture);
    const answers: Answer[] = [];
    // Steps build on each other: those after a difference still run, in order.
    for (const step of recorded.steps) {
      const { response, ...answer } = await this.client.call(step.rpc, step.request);
      answers.push(
        response === undefined ? answer : { ...answer, response: scrub(step.rpc, response, names) },
      );
    }
    if (recorded.fixture === undefined) await this.#remove(names);
    else if (recorded.mutates === true) this.#loaded = undefined;
    return answers;
  }

  async close(): Promise<void> {
    await this.#remove(this.#loadedNames);
    this.client.close();
  }

  async #load(fixture: string): Promise<void> {
    if (this.#loaded === fixture) return;
    await this.#remove(this.#loadedNames);
    this.#loaded = undefined;
    const steps = readFixture(fixture);
    this.#loadedNames = namesIn(steps);
    await this.#remove(this.#loadedNames);
    for (const { rpc, request, code } of steps) {
      const got = await this.client.call(rpc, request);
      if (got.code !== code)
        throw new Error(`fixture ${fixture}: ${rpc} answered ${got.code} ${got.message ?? ''}`);
    }
    this.#loaded = fixture;
  }

  /** Deletes collections and aliases of these names, and only those that the recordings call their own. */
  async #remove(names: ReadonlySet<string>): Promise<void> {
    const aliases = await this.#entries('qdrant.Collections/ListAliases', 'aliases');
    for (const { aliasName } of aliases.filter((alias) => isOwn(alias.aliasName, names))) {
      const request = { actions: [{ deleteAlias: { aliasName: String(aliasName) } }] };
      await this.client.call('qdrant.Collections/UpdateAliases', request);
    }
    const collections = await this.#entries('qdrant.Collections/List', 'collections');
    for (const { name } of collections.filter((collection) => isOwn(collection.name, names))) {
      await this.client.call('qdrant.Collections/Delete', { collectionName: String(name) });
    }
  }

  async #entries(rpc: string, field: string): Promise<Fields[]> {
    const { response } = await this.client.call(rpc, {});
    const list = response?.[field];
    return Array.isArray(list) ? list.filter(isFields) : [];
  }
}

const isOwn = (name: unknown, names: ReadonlySet<string>): boolean =>
  typeof name === 'string' && name.startsWith('golden_') && names.has(name);
