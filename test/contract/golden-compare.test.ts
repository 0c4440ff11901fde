import { compare } from '../support/golden/compare.js';
import { readCases, type Step, topics } from '../support/golden/recordings.js';
import { isFields } from '../support/golden/scrub.js';

const search = (result: readonly unknown[], ties?: 'end'): Step =>
  JSON.parse(
    JSON.stringify({ rpc: 'qdrant.Points/Search', request: {}, code: 'OK', response: { result }, ties }),
  );
const hit = (num: string, score: number) => ({ id: { num }, score });
const judge = (expected: Step, got: Step) =>
  compare(expected, { code: got.code, response: got.response ?? {} });

describe('what a replay counts as a difference', () => {
  const steps = topics.flatMap((topic) => readCases(topic)).flatMap((recorded) => recorded.steps);

  test('nothing, between a recorded answer and itself', () => {
    const differing = steps.filter((step) => judge(step, step) !== undefined);
    expect(differing).toEqual([]);
  });

  test('a hit, a point or an entry less', () => {
    const lists = steps.filter(
      ({ response }) => Array.isArray(response?.result) && response.result.length > 0,
    );
    const unseen = lists.filter((step) => {
      const result = step.response?.result;
      const less = { ...step.response, result: Array.isArray(result) ? result.slice(1) : [] };
      return judge(step, { ...step, response: less }) === undefined;
    });
    expect(lists.length).toBeGreaterThan(500);
    expect(unseen).toEqual([]);
  });

  test('another code, count or payload', () => {
    const count = steps.find(({ rpc, response }) => /Count$/.test(rpc) && isFields(response?.result));
    expect(judge(count!, { ...count!, response: { result: { count: '99999' } } })).toContain('99999');
    expect(judge(count!, { ...count!, code: 'INTERNAL' })).toContain('INTERNAL');
    const expected = search([{ ...hit('1', 1), payload: { a: { integerValue: '1' } } }]);
    const got = search([{ ...hit('1', 1), payload: { a: { doubleValue: 1 } } }]);
    expect(judge(expected, got)).toBeDefined();
  });

  test('a score further off than its last digits', () => {
    expect(judge(search([hit('1', 0.5)]), search([hit('1', 0.500_001)]))).toBeUndefined();
    expect(judge(search([hit('1', 0.5)]), search([hit('1', 0.500_1)]))).toBeDefined();
  });

  test('the order of unequal scores; of equal ones it is free, and a page may cut them anywhere', () => {
    const recorded = [hit('1', 1), hit('2', 0.5), hit('3', 0.5)];
    expect(judge(search(recorded), search([hit('1', 1), hit('3', 0.5), hit('2', 0.5)]))).toBeUndefined();
    expect(judge(search(recorded), search([hit('2', 0.5), hit('1', 1), hit('3', 0.5)]))).toBeDefined();
    const otherPage = search([hit('1', 1), hit('2', 0.5), hit('4', 0.5)]);
    expect(judge(search(recorded), otherPage)).toBeDefined();
    expect(judge(search(recorded, 'end'), otherPage)).toBeUndefined();
  });
});
