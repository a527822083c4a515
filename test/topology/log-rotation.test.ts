import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ServiceLogLine } from '../../src/topology/log-cursor.ts';
import { logPath, parseLogLine } from '../../src/topology/log-format.ts';
import { BATCH_LINES } from '../../src/topology/log-merge.ts';
import { type LogNotice, type LogQuery, readLogs } from '../../src/topology/read-logs.ts';
import { startTopology } from '../../src/topology/start-topology.ts';
import { freePort, own, planOf, programs, temporaryFolder, trial, until } from './support.ts';

const LINES = 200_000;

interface Following {
  readonly lines: ServiceLogLine[];
  readonly notices: LogNotice[];
  readonly largestBatch: () => number;
}

/** Follows until the end of the test. */
function follow(query: Pick<LogQuery, 'stateDir' | 'services'> & Partial<LogQuery>): Following {
  const stop = new AbortController();
  const lines: ServiceLogLine[] = [];
  const notices: LogNotice[] = [];
  let largest = 0;
  const following = (async () => {
    const onNotice = (notice: LogNotice) => notices.push(notice);
    for await (const batch of readLogs({ ...query, follow: true, signal: stop.signal, onNotice })) {
      largest = Math.max(largest, batch.length);
      lines.push(...batch);
    }
  })();
  onTestFinished(async () => {
    stop.abort();
    await following;
  });
  return { lines, notices, largestBatch: () => largest };
}

/** The first line that is not the one due, so that a failure names it instead of printing all. */
const firstOutOfOrder = (lines: readonly { readonly text: string }[], from = 0) =>
  lines.findIndex(({ text }, index) => text !== `line ${from + index}`);

const segments = (stateDir: string) => readdirSync(join(stateDir, 'logs'));

test('all of a flood arrives once and in order through rotation, with a bounded part of it in memory', async () => {
  const writer = own('writer', 'writes-lines.mjs', {
    env: { LINES: String(LINES) },
    logs: { maxBytes: 500_000, keep: 30 },
  });
  const plan = planOf([writer]);
  const { lines, notices, largestBatch } = follow({ stateDir: plan.stateDir, services: ['writer'] });
  let waiting = 0;
  let mostWaiting = 0;
  let longest = 0;
  const running = await startTopology(plan, {
    signal: new AbortController().signal,
    watchdog: programs.watchdog,
    onEvent: async (event) => {
      if (event.type !== 'log-lines') return;
      waiting += 1;
      mostWaiting = Math.max(mostWaiting, waiting);
      longest = Math.max(
        longest,
        event.lines.reduce((sum, { text }) => sum + text.length, 0),
      );
      await new Promise((resolve) => setImmediate(resolve));
      waiting -= 1;
    },
  });
  onTestFinished(async () => {
    await running.stop();
  });
  await until('all lines are followed', () => lines.length >= LINES);
  await running.stop();
  expect(lines).toHaveLength(LINES);
  expect(firstOutOfOrder(lines)).toBe(-1);
  expect(segments(plan.stateDir).length).toBeGreaterThan(10);
  await until('the run is announced', () => notices.length > 0);
  expect(notices).toEqual([{ kind: 'new-run', topology: 'all' }]);
  // The supervisor holds a chunk of the pipe at a time, the reader a batch.
  expect(mostWaiting).toBe(1);
  expect(longest).toBeLessThanOrEqual(65_536);
  expect(largestBatch()).toBeLessThanOrEqual(BATCH_LINES);
});

test('following goes on with the lines of the next run, and says so', async () => {
  const root = temporaryFolder();
  const run = (from: number) =>
    trial([own('writer', 'writes-lines.mjs', { env: { LINES: '3000', FROM: String(from) } })], root);
  const first = run(0);
  const { stateDir } = first.plan;
  const { lines, notices } = follow({ stateDir, services: ['writer'] });
  const firstRun = await first.start();
  await until('the first run is followed', () => lines.length >= 3_000);
  await firstRun.stop();
  await run(3_000).start();
  await until('the second run is followed', () => lines.length >= 6_000);
  expect(lines).toHaveLength(6_000);
  expect(firstOutOfOrder(lines)).toBe(-1);
  await until('both runs are announced', () => notices.length > 1);
  expect(notices).toEqual([
    { kind: 'new-run', topology: 'all' },
    { kind: 'new-run', topology: 'all' },
  ]);
  const recorded: string[] = [];
  const { signal } = new AbortController();
  for await (const batch of readLogs({ stateDir, services: ['writer'], follow: false, signal })) {
    recorded.push(...batch.map(({ text }) => text));
  }
  expect(recorded).toHaveLength(3_000);
  expect(recorded[0]).toBe('line 3000');
});

test('a service that is started again goes on in the log of its run', async () => {
  const port = await freePort();
  const restart = { policy: 'always', backoffMs: 1, limitMs: 4 } as const;
  const { start, plan } = trial([own('users', 'listens.mjs', { port, restart })]);
  const running = await start();
  await fetch(`http://127.0.0.1:${port}/exit`);
  await until(
    'it is ready again',
    () => running.services()[0]?.restarts === 1 && running.services()[0]?.state === 'ready',
  );
  await running.stop();
  const lines = readFileSync(logPath(plan.stateDir, 'users'), 'utf8').trimEnd().split('\n').map(parseLogLine);
  expect(lines.map((line) => line?.text)).toEqual([
    `listening on ${port}`,
    'leaving as asked',
    `listening on ${port}`,
  ]);
});

test('a service whose log folder is taken away goes on, and its next lines are kept', async () => {
  const { start, plan, events } = trial([own('writer', 'writes-on-signal.mjs')]);
  const running = await start();
  const path = logPath(plan.stateDir, 'writer');
  const read = () => readFileSync(path, 'utf8');
  const pid = running.services()[0]?.pid ?? 0;
  await until('it has begun', () => read().includes('begun'));
  rmSync(join(plan.stateDir, 'logs'), { recursive: true });
  process.kill(pid, 'SIGUSR2');
  await until('it has written into a new file', () => existsSync(path) && read().includes('told'));
  expect(running.services()[0]?.state).toBe('ready');
  const said = events.flatMap((event) =>
    event.type === 'log-lines' ? event.lines.map(({ text }) => text) : [],
  );
  expect(said.filter((text) => text.includes('was taken away'))).toHaveLength(1);
});

test('who follows and falls behind what is kept is told that lines are missing', async () => {
  const stateDir = temporaryFolder();
  mkdirSync(join(stateDir, 'logs'));
  const path = logPath(stateDir, 'users');
  const stamped = (text: string) => `${new Date(Date.UTC(2026, 0, 1)).toISOString()} ${text}\n`;
  writeFileSync(path, stamped('one'));
  const { lines, notices } = follow({ stateDir, services: ['users'] });
  await until('the first is read', () => lines.length === 1);
  // As if four files had been filled meanwhile, of which the last is kept.
  writeFileSync(`${path}.4`, stamped('four'));
  rmSync(path);
  writeFileSync(path, stamped('five'));
  await until('the others are read', () => lines.length === 3);
  expect(lines.map(({ text }) => text)).toEqual(['one', 'four', 'five']);
  expect(notices).toEqual([{ kind: 'gap', service: 'users' }]);
});

test('100 MB without the end of a line are taken in, and leave a line of the usual length', async () => {
  const { start, plan } = trial([own('writer', 'writes-no-newline.mjs')]);
  const running = await start();
  await until('it has written all', () =>
    readFileSync(logPath(plan.stateDir, 'writer'), 'utf8').includes('done'),
  );
  await running.stop();
  const lines = readFileSync(logPath(plan.stateDir, 'writer'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(parseLogLine);
  expect(lines.map((line) => line?.text.slice(-40))).toEqual([
    expect.stringMatching(/… \[99983616 more characters cut\]$/),
    'done',
  ]);
});
