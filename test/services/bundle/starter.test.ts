import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../ask.ts';
import { temporaryFolder } from '../start-service.ts';
import { testUsers } from '../start-shop.ts';

const program = fileURLToPath(new URL('../../../dist/shop/users.cjs', import.meta.url));

async function start(variables: Record<string, string>, pipes: readonly ('pipe' | number)[]) {
  const folder = await temporaryFolder();
  const child = spawn(process.execPath, [program], {
    env: { PORT: '0', DATA_DIR: folder, ...testUsers, ...variables },
    stdio: ['ignore', 'pipe', 'pipe', ...pipes],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true });
  });
  return { child, exited, output: outputOf(child), ...pipesOf(child) };
}

function outputOf({ stdout, stderr }: ChildProcess) {
  if (stdout === null || stderr === null) throw new Error('it has no output');
  return { firstLine: once(stdout.setEncoding('utf8'), 'data').then(String), stderr: text(stderr) };
}

function pipesOf({ stdio: [, , , third, fourth] }: ChildProcess) {
  return {
    ready: (): Readable => {
      if (third == null || !('read' in third)) throw new Error('there is no third pipe');
      return third;
    },
    go: (): Writable => {
      if (fourth == null || !('write' in fourth)) throw new Error('there is no fourth pipe');
      return fourth;
    },
  };
}

it('a bundled service says on READY_FD that it is ready, and answers by then', async () => {
  const { ready, output } = await start({ READY_FD: '3' }, ['pipe']);
  expect(await text(ready())).toBe('READY=1\n');
  const { port } = JSON.parse(await output.firstLine);
  expect((await ask('GET', `http://127.0.0.1:${port}/healthz`)).status).toBe(200);
});

it('with START_FD it opens nothing until it is told to serve', async () => {
  const { ready, go } = await start({ READY_FD: '3', START_FD: '4' }, ['pipe', 'pipe']);
  const said = text(ready());
  go().write('START=1\n');
  expect(await said).toBe('READY=1\n');
});

it('it ends when whoever should have told it to serve is gone', async () => {
  const { exited, go, output } = await start({ READY_FD: '3', START_FD: '4' }, ['pipe', 'pipe']);
  go().destroy();
  expect(await exited).toEqual([3, null]);
  expect(await output.stderr).toBe('users: Whoever started it ended before it was told to serve.\n');
});

it('a number that stands for something else is left alone', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'precious.txt');
  writeFileSync(file, 'precious');
  const descriptor = openSync(file, 'r+');
  const { output } = await start({ READY_FD: '3', START_FD: '17' }, [descriptor]);
  closeSync(descriptor);
  expect(JSON.parse(await output.firstLine).port).toBeGreaterThan(0);
  expect(readFileSync(file, 'utf8')).toBe('precious');
  await rm(folder, { recursive: true });
});
