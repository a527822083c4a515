import { expect, test } from 'vitest';
import type { Reply } from '../http-service.ts';
import { serviceOf, verdicts, verify } from './verification.ts';

const document = `paths:
  /stock:
    get:
      operationId: getStock
      responses:
        '200': { description: ok, content: { application/json: { schema: { type: object, required: [available] } } } }
        '503':
          description: not now
          headers: { Retry-After: { schema: { type: string } } }
          content: { application/json: { schema: { type: object, required: [reason] } } }
`;
const ready: Reply = { json: { available: 3 } };
const busy = (after: string): Reply => ({
  status: 503,
  headers: { 'retry-after': after },
  json: { reason: 'busy' },
});

/** A service that gives these answers in turn, the last one for good, and how long it was left alone before each. */
async function verified(replies: readonly Reply[], { text = document, now = Date.now } = {}) {
  let count = 0;
  const service = await serviceOf('stock', text, () => {
    count += 1;
    return replies[count - 1] ?? replies.at(-1) ?? ready;
  });
  const pauses: number[] = [];
  const pause = async (ms: number) => {
    pauses.push(ms);
  };
  const result = await verify([service], { pause, now });
  return { result, pauses, requests: service.heard.length };
}

test('a documented answer that says when to try again is taken at its word, and counts as seen', async () => {
  const { result, pauses } = await verified([busy('2'), busy('0'), ready]);
  expect(verdicts(result)).toEqual(['examples passed', 'getStock: default passed']);
  expect(pauses).toEqual([2_000, 0]);
  expect(result.coverage).toMatchObject({ statusesSeen: 2, statusesDocumented: 2 });
});

test('the moment to try again may be a date', async () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const { result, pauses } = await verified([busy('Thu, 01 Jan 2026 00:00:03 GMT'), ready], {
    now: () => now,
  });
  expect(result.verdict).toBe('passed');
  expect(pauses).toEqual([3_000]);
});

test('a service that is not ready after five requests fails the call', async () => {
  const { result, requests } = await verified([busy('1')]);
  expect(verdicts(result)).toContain('getStock: default failed unexpected-status');
  expect(requests).toBe(5);
});

test.each([
  ['has no Retry-After', { status: 503, json: { reason: 'busy' } }, 'unexpected-status'],
  ['asks for more than ten seconds', busy('11'), 'unexpected-status'],
  ['says something else than a time', busy('soon'), 'unexpected-status'],
  ['is no refusal for now', { ...busy('1'), status: 500 }, 'unexpected-status undocumented-status'],
  ['is not documented', { ...busy('1'), status: 429 }, 'unexpected-status undocumented-status'],
])('an answer that %s is judged at once', async (_case, reply, rules) => {
  const { result, requests } = await verified([reply, ready]);
  expect(verdicts(result)).toContain(`getStock: default failed ${rules}`);
  expect(requests).toBe(1);
});

test('a refusal that breaks the contract fails the call, even when the next answer is right', async () => {
  const { result } = await verified([{ ...busy('1'), json: {} }, ready]);
  expect(verdicts(result)).toContain('getStock: default failed required/reason');
});

test('an example that documents the refusal is given it', async () => {
  const text = document.replace(
    '[reason] } } }',
    '[reason] }, examples: { default: { value: { reason: busy } } } } }',
  );
  const { result, requests } = await verified([busy('1')], { text });
  expect(result.verdict).toBe('passed');
  expect(requests).toBe(1);
});
