import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BIN } from './run-cli.ts';

/** Every write to it fails as on a full disk (Linux). */
const FULL = '/dev/full';

function runFull(args: readonly string[], full: 'stdout' | 'stderr') {
  const file = openSync(FULL, 'w');
  try {
    const stdio =
      full === 'stdout' ? (['ignore', file, 'pipe'] as const) : (['ignore', 'pipe', file] as const);
    return spawnSync(process.execPath, [BIN, ...args], { stdio: [...stdio], encoding: 'utf8' });
  } finally {
    closeSync(file);
  }
}

test.skipIf(!existsSync(FULL)).each([['--version'], ['--help'], ['doctor', '--json']])(
  'an output that takes nothing is an error with a remedy: %s',
  async (...args) => {
    const { status, stderr } = runFull(args, 'stdout');
    expect(status).toBe(3);
    await expect(stderr).toMatchFileSnapshot('../golden/cli-output-unwritable.txt');
  },
);

test.skipIf(!existsSync(FULL))('talk that cannot be written does not end the work', () => {
  expect(runFull(['nope'], 'stderr').status).toBe(2);
});
