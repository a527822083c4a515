import { expect, test } from 'vitest';
import { PendingLines } from '../../../src/cli/live/pending-lines.ts';

const kilobyte = `${'x'.repeat(1_023)}\n`;

test('lines are gathered, and leave in their order', () => {
  const pending = new PendingLines();
  expect(pending.add('a\n')).toBeUndefined();
  expect(pending.add('b\nc\n')).toBeUndefined();
  expect(pending.take()).toBe('a\nb\nc\n');
  expect(pending.isEmpty).toBe(true);
  expect(pending.take()).toBe('');
});

test('a flood leaves in parts, and whoever adds to it waits until there is room', async () => {
  const pending = new PendingLines();
  let waits: Promise<void> | undefined;
  let count = 0;
  while (waits === undefined && count < 10_000) {
    waits = pending.add(kilobyte);
    count += 1;
  }
  expect(count).toBe(1_024);
  expect(pending.isFlood).toBe(true);
  const part = pending.take();
  expect(part.length).toBe(128 * 1_024);
  await waits;
  expect(pending.takeAll().length).toBe(count * kilobyte.length - part.length);
  expect(pending.isEmpty).toBe(true);
});
