import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { processTable } from '../../src/topology/platform.ts';
import { fixture, freePort, isRunning, listenOn, temporaryFolder, until } from '../topology/support.ts';
import { runCli } from './run-cli.ts';

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly remedy: string | null;
}

async function project(config?: string) {
  const folder = temporaryFolder();
  if (config !== undefined) writeFileSync(join(folder, 'e2e.config.yaml'), config);
  onTestFinished(async () => {
    await runCli(['down'], { cwd: folder });
  });
  const run = (...args: string[]) => runCli(args, { cwd: folder });
  const findings = async () => {
    const { code, stdout } = await run('doctor', '--json');
    const document: { schema: string; verdict: string; findings: Finding[] } = JSON.parse(stdout);
    expect(document.schema).toBe('shopctl/doctor/1');
    const of = (check: string) => document.findings.filter((one) => one.check === check);
    return { code, verdict: document.verdict, of };
  };
  return { folder, run, findings };
}

const oneService = (port: number) =>
  `services: { web: { command: node '${fixture('listens.mjs')}', port: ${port}, ready: { http: / } } }\n`;

test('in an empty folder it works, says that there is no project, and leaves nothing there', async () => {
  const folder = temporaryFolder();
  const { code, stdout, stderr } = await runCli(['doctor'], { cwd: folder });
  expect(code).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^ok +node +Node \d+/);
  expect(stdout).toMatch(/^warning +configuration +there is no e2e\.config\.yaml in /m);
  expect(stdout).toMatch(/\n\n1 warning\n$|\n\n\d+ warnings\n$/);
  expect(readdirSync(folder)).toEqual([]);
});

test('in a good project nothing is a problem, and nothing is made or started', async () => {
  const { folder, findings } = await project(oneService(await freePort()));
  const { code, of } = await findings();
  expect(code).toBe(0);
  expect(of('configuration')).toMatchObject([
    { level: 'ok', message: 'e2e.config.yaml is valid: topology default, 1 service', remedy: null },
  ]);
  expect(of('ports')).toMatchObject([{ level: 'ok' }]);
  expect(of('disk')).toMatchObject([{ level: 'ok' }]);
  expect(readdirSync(folder)).toEqual(['e2e.config.yaml']);
});

test('services that run as they are to be are no problem', async () => {
  const { run, findings } = await project(oneService(await freePort()));
  expect((await run('up', '-d')).code).toBe(0);
  const { code, of } = await findings();
  expect(code).toBe(0);
  expect(of('ports')).toMatchObject([{ level: 'ok' }]);
  expect(of('leftovers')).toMatchObject([{ level: 'ok' }]);
});

test('a taken port is a problem with its owner', async () => {
  const port = await freePort();
  const { run, findings } = await project(oneService(port));
  const owner = await listenOn(port);
  const { code, verdict, of } = await findings();
  const quiet = await run('doctor', '--quiet');
  await owner.close();
  expect(code).toBe(3);
  expect(verdict).toBe('problem');
  expect(of('ports')).toMatchObject([
    {
      level: 'problem',
      message: expect.stringContaining(`port ${port} of web is taken by pid ${process.pid} (`),
      remedy: expect.stringContaining(`kill ${process.pid}`),
    },
  ]);
  expect(quiet.code).toBe(3);
  expect(quiet.stdout).toMatch(/^problem +ports /m);
  expect(quiet.stdout).not.toMatch(/^ok/m);
});

test('a wrong configuration is shown with its places, and the rest is looked at all the same', async () => {
  const { run, findings } = await project('services:\n  web: { comand: node x.js }\n');
  const { code, stdout } = await run('doctor');
  expect(code).toBe(3);
  expect(stdout).toMatch(/^problem +configuration +the configuration cannot be used$/m);
  expect(stdout).toContain('e2e.config.yaml:2:10 unknown key `comand`');
  expect(stdout).toContain('hint: did you mean `command`?');
  expect(stdout).toMatch(/^ok +loopback/m);
  expect((await findings()).of('configuration')).toMatchObject([
    { error: { schema: 'shopctl/error/1', code: 'config-invalid' } },
  ]);
});

test('a configuration that was named and is not there is a problem', async () => {
  const { run } = await project();
  const { code, stdout } = await run('doctor', '--config', 'nowhere.yaml', '--quiet');
  expect(code).toBe(3);
  expect(stdout).toContain('the configuration file nowhere.yaml cannot be read');
});

async function watchdogOf(supervisor: number): Promise<number> {
  const table = processTable();
  for (const { pid, parentPid } of await table.list()) {
    if (parentPid === supervisor && (await table.commandLine(pid))?.includes('watchdog-main')) return pid;
  }
  throw new Error('there is no watchdog');
}

test('what a killed run has left is named, first what still runs, then what only lies about', async () => {
  const { run, findings } = await project(oneService(await freePort()));
  await run('up', '-d');
  const status = JSON.parse((await run('status', '--json')).stdout);
  const supervisor: number = status.supervisor.pid;
  const watchdog = await watchdogOf(supervisor);
  process.kill(watchdog, 'SIGSTOP');
  process.kill(supervisor, 'SIGKILL');
  await until('it is gone', async () => !(await isRunning(supervisor)));
  const orphaned = await findings();
  expect(orphaned.code).toBe(3);
  expect(orphaned.of('leftovers')).toMatchObject([
    {
      level: 'problem',
      message: expect.stringContaining(`web (pid ${status.services[0].pid}) still runs`),
      remedy: expect.stringContaining('shopctl down'),
    },
  ]);
  expect(orphaned.of('ports')).toMatchObject([{ level: 'ok' }]);
  process.kill(watchdog, 'SIGCONT');
  await until('the watchdog has done its work', async () => !(await isRunning(watchdog)));
  expect((await findings()).code).toBe(0);
  await run('down');
  expect((await findings()).of('leftovers')).toMatchObject([{ level: 'ok' }]);
});

test('the lock of a process that is gone is found, and stays', async () => {
  const { folder, findings } = await project(oneService(await freePort()));
  mkdirSync(join(folder, '.shopctl', 'lock'), { recursive: true });
  writeFileSync(join(folder, '.shopctl', 'lock', '999999999-1.boot.claim'), '{}');
  const { code, of } = await findings();
  expect(code).toBe(0);
  expect(of('leftovers')).toMatchObject([
    { level: 'warning', message: expect.stringContaining('999999999') },
  ]);
});
