import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readEnvFile } from '../../src/cli/env-file.ts';

it('reads NAME=value lines with quotes and comments', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shopctl-env-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'my.env');
  writeFileSync(file, '# a comment\nMODE=fast\nTEXT="two words"\n');
  expect(readEnvFile(file)).toEqual({ MODE: 'fast', TEXT: 'two words' });
});

it('names a file that is not there, and what to give instead', () => {
  expect(() => readEnvFile('nowhere.env')).toThrow(
    expect.objectContaining({
      code: 'file-unreadable',
      message: expect.stringContaining('nowhere.env given with --env-file'),
      hint: 'give the path of a file with NAME=value lines',
    }),
  );
});

it('ignores a byte order mark', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shopctl-env-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'my.env');
  writeFileSync(file, '\uFEFFFIRST=1\n');
  expect(readEnvFile(file)).toEqual({ FIRST: '1' });
});
