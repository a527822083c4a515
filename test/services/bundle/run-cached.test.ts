import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const loader = fileURLToPath(new URL('../../../scripts/bundle/run-cached.cjs', import.meta.url));

/** A bundle that says a word, and that it has started. */
const program = (word: string) => `
const { channel } = require('node:diagnostics_channel');
const greet = () => ${JSON.stringify(word)};
console.log(greet());
channel('program.started').publish(undefined);
`;

function bundleFolder(word = 'hello') {
  const folder = mkdtempSync(join(tmpdir(), 'shopctl-bundle-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(loader, join(folder, 'run-cached.cjs'));
  mkdirSync(join(folder, 'code'));
  mkdirSync(join(folder, 'home'));
  const bundle = join(folder, 'code/greeter.cjs');
  writeFileSync(bundle, program(word));
  writeFileSync(
    join(folder, 'greeter.cjs'),
    "require('./run-cached.cjs').runCached(require('node:path').join(__dirname, 'code/greeter.cjs'));\n",
  );
  const beside = join(folder, 'code/.code-cache');
  return {
    bundle,
    beside,
    home: join(folder, 'home/.cache/shopctl/code-cache'),
    run: async (...flags: string[]) => {
      const env = { HOME: join(folder, 'home'), PATH: process.env['PATH'] };
      const child = spawn(process.execPath, [...flags, join(folder, 'greeter.cjs')], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { stdout, stderr };
    },
    caches: () => readdirSync(beside),
    cache: () => join(beside, readdirSync(beside)[0] ?? ''),
  };
}

const hello = { stdout: 'hello\n', stderr: '' };

it('keeps the code cache of a program that has started, and starts from it the next time', async () => {
  const { run, caches, cache } = bundleFolder();
  expect(await run()).toEqual(hello);
  expect(caches()).toHaveLength(1);
  const { mtimeNs } = statSync(cache(), { bigint: true });
  expect(await run()).toEqual(hello);
  // One that V8 had refused would have been written again.
  expect(statSync(cache(), { bigint: true }).mtimeNs).toBe(mtimeNs);
});

it('runs what the file says now, although it is as long and as old as what was cached', async () => {
  const { run, bundle, caches } = bundleFolder('hello');
  const { atime, mtime } = statSync(bundle);
  await run();
  writeFileSync(bundle, program('jello'));
  utimesSync(bundle, atime, mtime);
  expect(await run()).toEqual({ stdout: 'jello\n', stderr: '' });
  expect(await run()).toEqual({ stdout: 'jello\n', stderr: '' });
  expect(caches()).toHaveLength(1);
});

it.each([
  ['a cut one', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  [
    'one with a flipped bit',
    (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === bytes.length - 9 ? byte ^ 1 : byte))),
  ],
  ['an empty one', () => Buffer.alloc(0)],
  ['something else', () => Buffer.from('something else altogether')],
])('makes a broken cache anew: %s', async (_, spoil) => {
  const { run, cache } = bundleFolder();
  await run();
  const whole = readFileSync(cache());
  writeFileSync(cache(), spoil(whole));
  expect(await run()).toEqual(hello);
  expect(readFileSync(cache()).length).toBe(whole.length);
  expect(await run()).toEqual(hello);
});

it('keeps one cache for each set of flags, because V8 compiles differently under others', async () => {
  const { run, caches } = bundleFolder();
  expect(await run('--max-old-space-size=64')).toEqual(hello);
  expect(await run('--no-opt')).toEqual(hello);
  expect(await run()).toEqual(hello);
  expect(caches()).toHaveLength(3);
});

it('keeps the cache in the home of the user where it may not write beside the bundle, and without one runs as well', async () => {
  const { run, beside, home } = bundleFolder();
  // Nobody, not even root, makes a folder where a file is.
  writeFileSync(beside, '');
  expect(await run()).toEqual(hello);
  expect(readdirSync(home)).toHaveLength(1);
  expect(await run()).toEqual(hello);
  rmSync(home, { recursive: true });
  writeFileSync(home, '');
  expect(await run()).toEqual(hello);
});

it('many that start at once do not disturb each other, and leave one whole cache', async () => {
  const { run, caches } = bundleFolder();
  expect(await Promise.all(Array.from({ length: 6 }, () => run()))).toEqual(Array(6).fill(hello));
  expect(caches()).toHaveLength(1);
  expect(await run()).toEqual(hello);
});

it('keeps nothing of a program that never started', async () => {
  const { run, bundle, beside } = bundleFolder();
  writeFileSync(bundle, "console.log('hello');\n");
  expect(await run()).toEqual(hello);
  expect(() => readdirSync(beside)).toThrow('ENOENT');
});
