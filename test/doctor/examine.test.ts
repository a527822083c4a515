import { expect, test } from 'vitest';
import type { Check, Scene } from '../../src/doctor/diagnosis.ts';
import { examine } from '../../src/doctor/examine.ts';

const scene: Scene = { hasNoConfig: true, root: '/', env: {} };
const well: Check = { name: 'well', look: async () => [{ level: 'ok', message: 'as it has to be' }] };
const never = new AbortController().signal;

test('findings come in the order of the table, whoever was first', async () => {
  const slow: Check = {
    name: 'slow',
    look: () =>
      new Promise((resolve) => setImmediate(() => resolve([{ level: 'problem', message: 'late' }]))),
  };
  const silent: Check = { name: 'silent', look: async () => [] };
  expect(await examine(scene, never, { table: [slow, silent, well] })).toEqual([
    { check: 'slow', level: 'problem', message: 'late' },
    { check: 'well', level: 'ok', message: 'as it has to be' },
  ]);
});

test('a check that hangs is a finding, is told to let go, and holds up no other', async () => {
  let isReleased = false;
  const hangs: Check = {
    name: 'hangs',
    look: (_scene, signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          isReleased = true;
        });
      }),
  };
  const found = await examine(scene, never, { table: [hangs, well], limitMs: 20 });
  expect(found).toMatchObject([
    { check: 'hangs', level: 'warning', message: 'this could not be looked at within 20 ms' },
    { check: 'well', level: 'ok' },
  ]);
  expect(isReleased).toBe(true);
});

test('a check that fails is a finding and no crash', async () => {
  const fails: Check = { name: 'fails', look: () => Promise.reject(new Error('EACCES: /proc')) };
  expect(await examine(scene, never, { table: [fails, well] })).toMatchObject([
    { check: 'fails', level: 'warning', message: 'this could not be looked at: EACCES: /proc' },
    { check: 'well', level: 'ok' },
  ]);
});

test('an interruption ends it', async () => {
  const stop = new AbortController();
  const hangs: Check = { name: 'hangs', look: () => new Promise(() => stop.abort()) };
  expect(await examine(scene, stop.signal, { table: [hangs] })).toMatchObject([{ level: 'warning' }]);
});

test('every check looks at this machine without a project, and says something sensible', async () => {
  const found = await examine({ ...scene, root: process.cwd(), env: process.env }, never, {
    limitMs: 50_000,
  });
  for (const { message, level, remedy } of found) {
    expect(message).not.toMatch(/undefined|NaN|\[object/);
    if (level !== 'ok') expect(remedy).toMatch(/\S/);
  }
  expect(found.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['node', 'sqlite3', 'memory', 'open files', 'temp folder', 'clock', 'loopback']),
  );
});
