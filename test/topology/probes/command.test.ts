import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Probe } from '../../../src/config/probe-spec.ts';
import type { OwnService } from '../../../src/config/project.ts';
import { freePort, isRunning, living, own, temporaryFolder, trial, until } from '../support.ts';

const sh = (script: string, cwd: string): Probe<'command'> => ({
  kind: 'command',
  command: ['sh', '-c', script],
  cwd,
});

/** A worker that is asked by a shell script. */
function worker(
  script: string,
  { timeoutMs = 30_000, tryMs, ...facts }: Partial<OwnService> & { timeoutMs?: number; tryMs?: number } = {},
) {
  const root = temporaryFolder();
  const spec = own('worker', 'never-listens.sh', facts);
  const ready = { probe: sh(script, root), everyMs: 5, timeoutMs, ...(tryMs === undefined ? {} : { tryMs }) };
  return { root, ...trial([{ ...spec, ready }], root) };
}

/** The pids that a script wrote into a file of its folder. */
const pidsIn = (root: string): number[] =>
  existsSync(join(root, 'pids'))
    ? readFileSync(join(root, 'pids'), 'utf8').trim().split('\n').map(Number)
    : [];

test('a service is ready when the command ends with exit code 0', async () => {
  const { start, root, story } = worker('echo x >> tries; test -e gate');
  const started = start();
  await until(
    'it was tried twice',
    () => existsSync(join(root, 'tries')) && readFileSync(join(root, 'tries'), 'utf8').length > 2,
  );
  expect(story()).not.toContain('service-ready worker');
  writeFileSync(join(root, 'gate'), '');
  await started;
  expect(story()).toContain('service-ready worker');
});

test('the command has the environment of the service, its port, and the mark of the run', async () => {
  const port = await freePort();
  const root = temporaryFolder();
  const spec = own('users', 'listens.mjs', { port, env: { COLOUR: 'blue' } });
  const probe = sh('echo "$COLOUR $PORT ${SHOPCTL_RUN:+marked}" > said', root);
  const { start } = trial([{ ...spec, ready: { ...spec.ready, probe } }], root);
  await start();
  expect(readFileSync(join(root, 'said'), 'utf8')).toBe(`blue ${port} marked\n`);
});

test('how it ended and its last line are told', async () => {
  const { startError } = worker('echo first; echo "no migration yet" >&2; echo; exit 3', { timeoutMs: 300 });
  const error = await startError();
  expect(error.exitCode).toBe(3);
  expect(error.message).toBe(
    'worker was not ready within 300 ms: `sh -c "echo first; echo \\"no migration yet\\" >&2; echo; exit 3"` ended with exit code 3: no migration yet',
  );
  expect(error.hint).toContain('run it by hand');
});

test('a command that hangs is killed with everything it started, and tried again', async () => {
  const { startError, root } = worker('sleep 600 & echo $! >> pids; echo $$ >> pids; echo waiting; wait', {
    timeoutMs: 1_900,
    tryMs: 1_500,
  });
  const error = await startError();
  expect(error.message).toMatch(/was still running after 1.5 s and was killed: waiting$/);
  const pids = pidsIn(root);
  expect(pids.length).toBeGreaterThanOrEqual(2);
  expect(await living(pids)).toEqual([]);
});

test('what a command leaves behind ends with it', async () => {
  const { start, root } = worker('sleep 600 & echo $! >> pids');
  await start();
  const [pid = 0] = pidsIn(root);
  await until('it is gone', async () => !(await isRunning(pid)));
});

test('an abort ends the command at once', async () => {
  const { start, abort, root } = worker('sleep 600 & echo $! >> pids; wait', {
    tryMs: 600_000,
    timeoutMs: 600_000,
  });
  const failed = expect(start()).rejects.toMatchObject({ code: 'interrupted' });
  await until('it runs', () => pidsIn(root).length > 0);
  abort.abort();
  await failed;
  expect(await living(pidsIn(root))).toEqual([]);
});

test('a command that is not there is told at once', async () => {
  const root = temporaryFolder();
  const spec = own('worker', 'never-listens.sh', { timeoutMs: 600_000 });
  const asking = (probe: Probe) => trial([{ ...spec, ready: { ...spec.ready, probe } }], root);
  const missing = await asking({ kind: 'command', command: ['no-such-check'], cwd: root }).startError();
  expect(missing.message).toBe(
    'worker cannot become ready: `no-such-check` cannot be started: there is no program no-such-check',
  );
  const lost = await asking({ kind: 'command', command: ['true'], cwd: join(root, 'none') }).startError();
  expect(lost.message).toContain(`its folder ${join(root, 'none')} does not exist`);
});

test('a command asks whether a service still lives, from the end of the start period on', async () => {
  const root = temporaryFolder();
  const spec = own('worker', 'never-listens.sh');
  const probe = sh('echo x >> tries; echo "queue is stuck"; test ! -e sick', root);
  const live = { probe, everyMs: 5, timeoutMs: 10_000, failures: 1 };
  const tries = () =>
    existsSync(join(root, 'tries')) ? readFileSync(join(root, 'tries'), 'utf8').length : 0;
  writeFileSync(join(root, 'sick'), '');
  const patient = trial([{ ...spec, live: { ...live, startPeriodMs: 600_000 } }], root);
  const running = await patient.start();
  await until('it has failed several times', () => tries() > 6);
  expect(running.services()[0]?.state).toBe('ready');
  await running.stop();
  const strict = trial([{ ...spec, live }], root);
  await strict.start();
  await until('it is unhealthy', () => strict.story().includes('service-unhealthy worker'));
  const event = strict.events.find(({ type }) => type === 'service-unhealthy');
  expect(event).toMatchObject({ message: expect.stringContaining('ended with exit code 1: queue is stuck') });
});
