import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { differences } from '../../../src/topology/adopt/differences.ts';
import { expectedProgram } from '../../../src/topology/adopt/expected-program.ts';
import type { RunningProgram } from '../../../src/topology/process-table.ts';
import { own, temporaryFolder } from '../support.ts';

/** A project with a program `serve` in it, which is no script, one that is, and a file to serve. */
function scene() {
  const root = temporaryFolder();
  for (const folder of ['app', 'other', 'bin']) mkdirSync(join(root, folder));
  for (const file of ['app/server.mjs', 'other/server.mjs', 'bin/real', 'bin/newer']) {
    writeFileSync(join(root, file), '');
    chmodSync(join(root, file), 0o755);
  }
  writeFileSync(join(root, 'bin/tool'), '#!/usr/bin/env node\n');
  chmodSync(join(root, 'bin/tool'), 0o755);
  symlinkSync(join(root, 'bin/real'), join(root, 'bin/serve'));
  const expected = (...command: [string, ...string[]]) =>
    expectedProgram(
      own('orders', 'listens.mjs', { command, cwd: join(root, 'app'), env: { PATH: join(root, 'bin') } }),
    );
  const found = (words: readonly string[], facts: Partial<RunningProgram> = {}): RunningProgram => ({
    uid: process.getuid?.() ?? 0,
    executable: join(root, 'bin/real'),
    cwd: join(root, 'app'),
    words,
    areWordsCut: false,
    ...facts,
  });
  return { root, expected, found };
}

test('the same program with the same words in the same folder is the same', () => {
  const { expected, found, root } = scene();
  const ours = expected('serve', 'server.mjs', '--fast');
  expect(differences(ours, found(['serve', 'server.mjs', '--fast']))).toEqual([]);
  expect(differences(ours, found(['/anything', './server.mjs', '--fast']))).toEqual([]);
  expect(differences(ours, found(['serve', join(root, 'app/server.mjs'), '--fast']))).toEqual([]);
  expect(differences(expected(join(root, 'bin/serve')), found(['serve']))).toEqual([]);
});

test.each([
  [['serve', 'server.mjs']],
  [['serve', 'server.mjs', '--slow']],
  [['serve', '--fast', 'server.mjs']],
  [['serve', '../other/server.mjs', '--fast']],
  [['serve', 'server.mjs', '--fast', '']],
])('other words, as in %j, are another command', (words) => {
  const { expected, found } = scene();
  expect(differences(expected('serve', 'server.mjs', '--fast'), found(words))).toEqual([
    `its command is \`${words.join(' ')}\`, not \`serve server.mjs --fast\``,
  ]);
});

test('a relative path means a file in its own folder', () => {
  const { expected, found, root } = scene();
  const elsewhere = { cwd: join(root, 'other') };
  expect(
    differences(expected('serve', 'server.mjs'), found(['serve', '../app/server.mjs'], elsewhere)),
  ).toEqual([`it runs in ${root}/other, not in ${root}/app`]);
});

test('another program, another user and another folder are each named', () => {
  const { expected, found, root } = scene();
  const other = { executable: join(root, 'bin/newer'), uid: 54_321, cwd: join(root, 'other') };
  expect(differences(expected('serve', '--fast'), found(['serve', '--fast'], other))).toEqual([
    `it belongs to user id 54321, and you are ${process.getuid?.()}`,
    `its program is ${root}/bin/newer, not ${root}/bin/real`,
    `it runs in ${root}/other, not in ${root}/app`,
  ]);
});

test('what may not be looked into is not taken for the same', () => {
  const { expected, found, root } = scene();
  const hidden = { executable: undefined, cwd: undefined };
  expect(differences(expected('serve'), found(['serve'], hidden))).toEqual([
    `its program is one that may not be looked up, not ${root}/bin/real`,
    `it runs in a folder that may not be looked up, not in ${root}/app`,
  ]);
});

test('a script is known by its path among the words of its interpreter, or by the name it has given itself', () => {
  const { expected, found, root } = scene();
  const tool = expected('tool', 'run', 'it');
  const node = { executable: '/usr/bin/node' };
  expect(differences(tool, found(['node', join(root, 'bin/tool'), 'run', 'it'], node))).toEqual([]);
  expect(differences(tool, found(['sh', '-e', '../bin/tool', 'run', 'it'], node))).toEqual([]);
  expect(differences(tool, found(['tool run it'], node))).toEqual([]);
  expect(differences(tool, found(['node', join(root, 'bin/real'), 'run', 'it'], node))).toHaveLength(1);
  expect(differences(tool, found(['node', join(root, 'bin/tool'), 'run'], node))).toHaveLength(1);
});

test('where the system cuts words at blanks, ours are cut too', () => {
  const { expected, found } = scene();
  const cut = { areWordsCut: true };
  expect(differences(expected('serve', 'two words'), found(['serve', 'two', 'words'], cut))).toEqual([]);
  expect(differences(expected('serve', 'two words'), found(['serve', 'two', 'words']))).toHaveLength(1);
});

test('a program that is not there is the same as none', () => {
  const { expected, found } = scene();
  expect(differences(expected('nowhere'), found(['nowhere']))).toEqual([
    'there is no program nowhere to compare it with',
  ]);
});
