import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fixture, freePort, temporaryFolder } from '../topology/support.ts';
import { runCli, startCli } from './run-cli.ts';

/** A project whose only service watches `path`; `src` is there. */
async function project(path = 'src') {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'src'));
  const command = (program: string) => JSON.stringify(`${process.execPath} ${fixture(program)}`);
  writeFileSync(
    join(folder, 'e2e.config.yaml'),
    `name: trial
services:
  users:
    command: ${command('listens.mjs')}
    port: ${await freePort()}
    ready: { http: / }
    watch: { paths: [${path}], build: ${command('builds.mjs')}, ignore: [build.pid] }
`,
  );
  onTestFinished(async () => {
    await runCli(['down'], { cwd: folder });
  });
  const change = (name = 'a.ts') => writeFileSync(join(folder, 'src', name), 'changed');
  const run = (...args: string[]) => runCli(args, { cwd: folder });
  const begin = (...args: string[]) => startCli(args, { cwd: folder });
  return { folder, run, begin, change };
}

test('a change builds and restarts the service, in a line each', async () => {
  const { begin, change } = await project();
  const up = begin('up');
  await up.shows('a change of their files restarts users');
  await up.shows('Ctrl-C stops them');
  change();
  await up.shows('users  changed: src/a.ts');
  await up.shows('users  building: ');
  await up.shows('users | build: compiling');
  await up.shows('users  built in ');
  await up.shows('users  ready in ');
  up.child.kill('SIGINT');
  expect((await up.exited).code).toBe(130);
});

test('a build that fails is told with its last lines', async () => {
  const { folder, begin, change } = await project();
  writeFileSync(join(folder, 'fails'), '');
  const up = begin('up');
  await up.shows('Ctrl-C stops them');
  change();
  await up.shows('users  BUILD FAILED: it failed with exit code 2; what ran before goes on');
  await up.shows('    to stderr');
  up.child.kill('SIGINT');
  expect((await up.exited).code).toBe(130);
});

test('in the background too, which whoever is attached sees with --json as events', async () => {
  const { run, begin, change } = await project();
  const up = await run('up', '-d');
  expect(up.stderr).toContain('a change of their files restarts users');
  const attached = begin('up', '--attach', '--json');
  await attached.shows('shopctl/status/1');
  change();
  await attached.shows('"type":"service-ready"');
  attached.child.kill('SIGINT');
  const { code, stdout } = await attached.exited;
  expect(code).toBe(0);
  const [, ...events] = stdout.trim().split('\n');
  const types = events.map((line): string => JSON.parse(line).type).filter((type) => type !== 'log-lines');
  expect(types.slice(0, 4)).toEqual([
    'service-changed',
    'service-building',
    'service-built',
    'service-stopping',
  ]);
});

test('a path that is not there is a mistake with its place, unless --no-watch is given', async () => {
  const { run } = await project('lib');
  const up = await run('up', '-d');
  expect(up.code).toBe(2);
  expect(up.stderr).toMatch(/e2e\.config\.yaml:7:22 `users` watches lib, but there is no .*\/lib\n/);
  const without = await run('up', '-d', '--no-watch');
  expect(without).toMatchObject({ code: 0 });
  expect(without.stderr).not.toContain('a change');
  expect((await run('down')).code).toBe(0);
});
