import { expect, test } from 'vitest';
import { createTurns } from '../../../services/users/turns.ts';
import { deferred } from '../../../src/lib/deferred.ts';

test('no more than that many run at once, and the others follow in their order', async () => {
  const turns = createTurns(2);
  const begun: number[] = [];
  const gates = [0, 1, 2, 3].map(() => deferred());
  const ends = gates.map((gate, index) =>
    turns.take(() => {
      begun.push(index);
      return gate.promise;
    }),
  );
  expect(begun).toEqual([0, 1]);
  gates[1]?.resolve();
  await ends[1];
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  for (const gate of gates) gate.resolve();
  await Promise.all(ends);
  expect(begun).toEqual([0, 1, 2, 3]);
});

test('whoever has left is passed over, and a failure frees the turn', async () => {
  const turns = createTurns(1);
  const gate = deferred();
  const gone = new AbortController();
  const first = turns.take(() => gate.promise);
  let ran = false;
  const left = turns.take(async () => {
    ran = true;
  }, gone.signal);
  const last = turns.take(async () => 'served');
  gone.abort(new Error('left'));
  gate.reject(new Error('broken'));
  await expect(first).rejects.toThrow('broken');
  await expect(left).rejects.toThrow('left');
  expect(await last).toBe('served');
  expect(ran).toBe(false);
});
