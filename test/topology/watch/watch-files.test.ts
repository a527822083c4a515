import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileFilter } from '../../../src/topology/watch/file-filter.ts';
import { watchFiles } from '../../../src/topology/watch/watch-files.ts';
import { temporaryFolder, until } from '../support.ts';

/** A project with some files; `seen` holds the changes since the last look, from the project's folder. */
function project(paths: readonly string[], ignore: readonly string[] = []) {
  const root = temporaryFolder();
  for (const folder of ['src/kit', 'src/node_modules/left', 'src/dist', 'dist'])
    mkdirSync(join(root, folder), { recursive: true });
  const write = (path: string, text = 'text') => writeFileSync(join(root, path), text);
  write('src/main.ts');
  write('src/kit/log.ts');
  write('config.json');
  const changes = new Set<string>();
  const troubles: string[] = [];
  const watching = watchFiles({
    filter: fileFilter(
      paths.map((path) => join(root, path)),
      ignore,
    ),
    onChange: (file) => changes.add(relative(root, file)),
    onTrouble: (message) => troubles.push(message),
  });
  onTestFinished(() => watching.close());
  const seen = async (path: string) => {
    await until(`${path} is seen`, () => changes.has(path));
    const all = [...changes].sort();
    changes.clear();
    return all;
  };
  return { root, write, seen, changes, troubles, path: (name: string) => join(root, name) };
}

test('what is written in a folder and below it is seen', async () => {
  const { write, seen, troubles } = project(['src']);
  write('src/main.ts', 'new');
  expect(await seen('src/main.ts')).toEqual(['src/main.ts']);
  write('src/kit/new.ts');
  expect(await seen('src/kit/new.ts')).toEqual(['src/kit/new.ts']);
  expect(troubles).toEqual([]);
});

test('a file that an editor replaces, and one that is removed, are seen', async () => {
  const { write, seen, path } = project(['src']);
  write('outside.ts');
  renameSync(path('outside.ts'), path('src/main.ts'));
  await seen('src/main.ts');
  write('src/main.ts', 'and again');
  await seen('src/main.ts');
  rmSync(path('src/main.ts'));
  await seen('src/main.ts');
});

test('new folders are watched, with what was in them when they came', async () => {
  const { write, seen, path } = project(['src']);
  mkdirSync(path('moved/deep'), { recursive: true });
  write('moved/deep/one.ts');
  renameSync(path('moved'), path('src/moved'));
  await seen('src/moved/deep/one.ts');
  write('src/moved/deep/two.ts');
  await seen('src/moved/deep/two.ts');
});

test('a folder that is removed and made again is watched again', async () => {
  const { write, seen, path } = project(['src']);
  rmSync(path('src'), { recursive: true });
  mkdirSync(path('src/kit'), { recursive: true });
  write('src/kit/again.ts');
  await seen('src/kit/again.ts');
  write('src/kit/more.ts');
  await seen('src/kit/more.ts');
});

test('node_modules, dist and what editors leave are ignored, until the end of a change that counts', async () => {
  const { write, seen } = project(['src']);
  write('src/node_modules/left/index.js');
  write('src/dist/main.js');
  write('src/main.ts~');
  write('src/.main.ts.swp');
  write('src/last.ts');
  expect(await seen('src/last.ts')).toEqual(['src/last.ts']);
});

test('what is ignored by default is watched when it is named', async () => {
  const { write, seen } = project(['dist']);
  write('dist/main.js');
  await seen('dist/main.js');
});

test('names and patterns to ignore are left out', async () => {
  const { write, seen, path } = project(['src'], ['generated', '*.test.ts', 'kit/log.ts']);
  mkdirSync(path('src/generated'));
  write('src/generated/a.ts');
  write('src/main.test.ts');
  write('src/kit/log.ts');
  write('src/last.ts');
  expect(await seen('src/last.ts')).toEqual(['src/last.ts']);
});

test('a pattern means what fits it, and a file itself', async () => {
  const { write, seen } = project(['src/**/*.ts', 'config.json']);
  write('src/kit/readme.md');
  write('other.json');
  write('config.json', '{}');
  expect(await seen('config.json')).toEqual(['config.json']);
  write('src/kit/log.ts', 'new');
  expect(await seen('src/kit/log.ts')).toEqual(['src/kit/log.ts']);
});

test('nothing is told once it is closed', async () => {
  const root = temporaryFolder();
  const changes: string[] = [];
  const filter = fileFilter([root], []);
  const closed = watchFiles({ filter, onChange: (file) => changes.push(file), onTrouble: () => undefined });
  closed.close();
  const later: string[] = [];
  const open = watchFiles({ filter, onChange: (file) => later.push(file), onTrouble: () => undefined });
  onTestFinished(() => open.close());
  writeFileSync(join(root, 'file'), '');
  await until('the other one has seen it', () => later.length > 0);
  expect(changes).toEqual([]);
});
