import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { acquireLock, isLock, lockHolder, ownIdentity } from '../../src/topology/lock.ts';
import { processTable } from '../../src/topology/platform.ts';
import type { ProcessTable } from '../../src/topology/process-table.ts';
import { temporaryFolder } from './support.ts';

const note = { topology: 'all', since: '2026-01-01T00:00:00.000Z' };

/** A living process that is not this one. */
async function bystander() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log(1)']);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  const entry = await processTable().find(child.pid ?? 0);
  return { child, claim: `${entry?.pid}-${entry?.startTime}.claim` };
}

test('a lock is held once, is known to everybody, and can be taken again after its release', async () => {
  const dir = temporaryFolder();
  const table = processTable();
  const first = await acquireLock({ dir, note, table });
  if (!isLock(first)) throw new Error('the lock was free');
  const second = await acquireLock({ dir, note, table });
  expect(second).toMatchObject({ pid: process.pid, note });
  expect(await lockHolder(dir, table)).toMatchObject({ pid: process.pid, note });
  first.release();
  expect(readdirSync(dir)).toEqual([]);
  expect(isLock(await acquireLock({ dir, note, table }))).toBe(true);
});

test('of two processes that claim at once exactly one gets the lock', async () => {
  const dir = temporaryFolder();
  const table = processTable();
  // The same process under two names: each sees the other's claim as that of another living process.
  const self = await ownIdentity(table);
  const rival = { ...self, pid: self.pid + 1 };
  const asRival: ProcessTable = {
    ...table,
    find: async (pid) =>
      pid === process.pid
        ? { ...rival, pgid: 1, parentPid: 1, zombie: false }
        : { ...self, pid, pgid: 1, parentPid: 1, zombie: false },
  };
  const asSelf: ProcessTable = {
    ...table,
    find: async (pid) => ({ ...self, pid, pgid: 1, parentPid: 1, zombie: false }),
  };
  const outcomes = await Promise.all([
    acquireLock({ dir, note, table: asRival }),
    acquireLock({ dir, note, table: asSelf }),
  ]);
  expect(outcomes.filter(isLock)).toHaveLength(1);
});

test('the lock of another living process is respected', async () => {
  const dir = temporaryFolder();
  const { child, claim } = await bystander();
  writeFileSync(join(dir, claim), JSON.stringify(note));
  writeFileSync(join(dir, `${claim}.held`), '');
  expect(await acquireLock({ dir, note, table: processTable() })).toMatchObject({ pid: child.pid, note });
});

test('a claim of a process that has died, or whose pid another process has now, counts for nothing', async () => {
  const dir = temporaryFolder();
  const { claim } = await bystander();
  const reused = claim.replace(/-\d+/, '-1');
  for (const stale of ['999999999-1.boot.claim', reused]) {
    writeFileSync(join(dir, stale), JSON.stringify(note));
    writeFileSync(join(dir, `${stale}.held`), '');
  }
  const outcome = await acquireLock({ dir, note, table: processTable() });
  expect(isLock(outcome)).toBe(true);
  expect(readdirSync(dir)).toHaveLength(2);
});

test('an abort while waiting for a rival withdraws the claim', async () => {
  const dir = join(temporaryFolder(), 'lock');
  mkdirSync(dir);
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(acquireLock({ dir, note, table: processTable(), signal })).rejects.toThrow('enough');
  expect(readdirSync(dir)).toEqual([]);
});
