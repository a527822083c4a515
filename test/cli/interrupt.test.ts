import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../free-ports.ts';
import { runCli, startCli } from './run-cli.ts';

const ANSWER = fileURLToPath(new URL('../fixtures/processes/answer.mjs', import.meta.url));

let folder: string;
let port: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shopctl-interrupt-'));
  port = await freePort();
  write(
    'e2e.config.yaml',
    `services:
  web: { command: [node, ${ANSWER}, ${folder}], port: ${port}, ready: { http: / } }
  never: { command: [sleep, "300"], port: 1, needs: [web] }
topologies:
  good: { services: [web] }
suites: { e2e: suite.yaml }
load:
  long: { duration: 60s, warmup: 0ms, connections: 2, requests: [{ get: "\${web}/" }] }
`,
  );
  write(
    'suite.yaml',
    'suite: S\ntests:\n  - test: first\n    steps: [{ get: "${web}/" }]\n  - test: hangs\n    steps: [{ get: "${web}/slow" }]\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const leftovers = () =>
  execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder));

async function isFree(): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => false,
    () => true,
  );
}

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  it.each([
    ['up that is still starting', ['up'], 'ready in'],
    ['up in the foreground', ['up', '--topology', 'good'], 'Ctrl-C stops them'],
    ['a test run in mid-request', ['test', 'e2e', '--topology', 'good'], '✓ S › first'],
    ['a load run', ['load', 'long', '--topology', 'good'], 'ready in'],
  ])('ends %s with 130 and leaves nothing', async (_title, args, sign) => {
    const run = startCli(args, { cwd: folder });
    await run.shows(sign);
    run.child.kill(signal);
    expect(await run.exited).toMatchObject({ code: 130 });
    expect(leftovers()).toEqual([]);
    expect(await isFree()).toBe(true);
    expect(await runCli(['status', '--topology', 'good'], { cwd: folder })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing runs'),
    });
  });
});

it('a second Ctrl-C does not wait for a service that ignores the first', async () => {
  const stubborn = `process.on('SIGTERM', () => console.log('no')); setInterval(() => console.log('armed'), 50); // ${folder}`;
  write(
    'e2e.config.yaml',
    `services:\n  stubborn: { command: [node, -e, ${JSON.stringify(stubborn)}], stop: { grace: 300s } }\n`,
  );
  const run = startCli(['up'], { cwd: folder });
  await run.shows('Ctrl-C stops them');
  // It has no port that could tell: before it says so, again and again, the first signal would end it.
  await run.shows('| armed');
  run.child.kill('SIGINT');
  await run.shows('| no');
  run.child.kill('SIGINT');
  expect(await run.exited).toMatchObject({ code: 130 });
  expect(leftovers()).toEqual([]);
});
