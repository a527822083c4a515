import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LogWriter, type LogWriterOptions } from '../../src/topology/log-writer.ts';
import { temporaryFolder } from './support.ts';

function writerTo(path: string, options: Partial<LogWriterOptions> = {}): LogWriter {
  const writer = new LogWriter({
    path,
    onTrouble: (sentence) => expect.unreachable(sentence),
    noteLine: (text) => `note: ${text}\n`,
    retryMs: 0,
    ...options,
  });
  onTestFinished(() => writer.close());
  return writer;
}

test('a log keeps to its size and to so many files; their numbers only grow', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'users.log');
  const writer = writerTo(path, { limits: { maxBytes: 100, keep: 2 } });
  for (let line = 0; line < 100; line += 10) {
    await writer.write(
      Array.from({ length: 10 }, (_, index) => `line ${String(line + index).padStart(4, '0')}\n`),
    );
  }
  expect(readdirSync(folder).sort()).toEqual(['users.log', 'users.log.8', 'users.log.9']);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(100);
  const kept = ['users.log.8', 'users.log.9', 'users.log'].map((name) =>
    readFileSync(join(folder, name), 'utf8'),
  );
  expect(kept.join('')).toBe(Array.from({ length: 30 }, (_, index) => `line 00${70 + index}\n`).join(''));
});

test('a line that is larger than a file gets one of its own', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'users.log');
  const writer = writerTo(path, { limits: { maxBytes: 10, keep: 5 } });
  await writer.write(['a\n', `${'b'.repeat(50)}\n`, 'c\n']);
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('a\n');
  expect(readFileSync(`${path}.2`, 'utf8')).toBe(`${'b'.repeat(50)}\n`);
  expect(readFileSync(path, 'utf8')).toBe('c\n');
});

// Linux has a device that is always full.
test.runIf(existsSync('/dev/full'))(
  'a full disk is said once, and the log tells how many lines are missing once there is room',
  async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'users.log');
    symlinkSync('/dev/full', path);
    const troubles: string[] = [];
    const writer = writerTo(path, { onTrouble: (sentence) => troubles.push(sentence) });
    await writer.write(['one\n', 'two\n']);
    await writer.write(['three\n']);
    rmSync(path);
    await writer.write(['four\n']);
    expect(readFileSync(path, 'utf8')).toBe(
      'note: shopctl: 3 lines are missing here, they could not be written\nfour\n',
    );
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toContain(`the log file ${path} cannot be written: ENOSPC`);
  },
);

test('a folder that is taken away is said once, and made anew', async () => {
  const folder = join(temporaryFolder(), 'logs');
  const path = join(folder, 'users.log');
  const troubles: string[] = [];
  const writer = writerTo(path, { onTrouble: (sentence) => troubles.push(sentence) });
  await writer.write(['one\n']);
  for (const line of ['two\n', 'three\n']) {
    rmSync(folder, { recursive: true });
    await writer.write([line]);
    expect(readFileSync(path, 'utf8')).toBe(line);
  }
  expect(troubles).toEqual([`the log file ${path} was taken away; what follows goes into a new one`]);
});
