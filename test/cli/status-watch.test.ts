import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { fixture, freePort, temporaryFolder } from '../topology/support.ts';
import { BIN, runCli, startCli } from './run-cli.ts';

async function runningProject() {
  const folder = temporaryFolder();
  const port = await freePort();
  const command = JSON.stringify([process.execPath, fixture('listens.mjs')]);
  const users = `{ command: ${command}, port: ${port}, ready: { http: /, timeout: 15s } }`;
  writeFileSync(
    join(folder, 'e2e.config.yaml'),
    `name: trial\nservices:\n  users: ${users}\n  other: { command: ${JSON.stringify([process.execPath, fixture('logs-json.mjs')])} }\n`,
  );
  onTestFinished(async () => {
    await runCli(['down'], { cwd: folder });
  });
  await runCli(['up', '-d'], { cwd: folder });
  return { folder, exit: () => fetch(`http://127.0.0.1:${port}/exit`) };
}

test('status tells what a service uses, for people and for machines', async () => {
  const { folder } = await runningProject();
  const { stdout } = await runCli(['status'], { cwd: folder });
  expect(stdout).toMatch(/^SERVICE +STATE +PORT +PID +UPTIME +CPU +RSS +RESTARTS +URL$/m);
  expect(stdout).toMatch(/^users +ready +\d+ +\d+ +[\d.]+ m?s +[\d.]+% +\d+ MB +0 +http/m);
  const { services } = JSON.parse((await runCli(['status', '--json'], { cwd: folder })).stdout);
  expect(services[0]).toMatchObject({
    cpu_percent: expect.any(Number),
    rss_bytes: expect.any(Number),
    uptime_ms: expect.any(Number),
    restarts: 0,
  });
  expect(services[0].rss_bytes).toBeGreaterThan(10_000_000);
});

test('without a terminal status --watch prints a line per change, and Ctrl-C ends it with 0', async () => {
  const { folder, exit } = await runningProject();
  const watch = startCli(['status', '--watch', '100ms'], { cwd: folder });
  await watch.shows('users');
  await exit();
  await watch.shows('exited');
  watch.child.kill('SIGINT');
  const { code, stdout, stderr } = await watch.exited;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).not.toContain('\u001b');
  expect(stdout.split('\n').map((line) => line.replace(/^[\d:.]+|\d+/g, 'N'))).toEqual([
    'N  users  ready (pid N)',
    'N  other  ready (pid N)',
    'N  users  exited',
    '',
  ]);
});

test('status --json --watch prints a document a line', async () => {
  const { folder } = await runningProject();
  const watch = startCli(['status', '--json', '-w', '100ms'], { cwd: folder });
  await watch.shows('}\n{');
  watch.child.kill('SIGTERM');
  const { code, stdout } = await watch.exited;
  expect(code).toBe(0);
  for (const line of stdout.trimEnd().split('\n')) {
    expect(JSON.parse(line)).toMatchObject({ schema: 'shopctl/status/1', phase: 'up' });
  }
});

test.each([['1ms'], ['often'], ['2h']])('--watch %s is refused', async (interval) => {
  const { code, stderr } = await runCli(['status', '--watch', interval], { cwd: temporaryFolder() });
  expect(code).toBe(2);
  expect(stderr).toMatch(/It must be (between 100ms and 1h|a duration such as)/);
});

/** util-linux has a `script` that runs a command in a terminal of its own; elsewhere it takes other options. */
const hasTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux');

test.runIf(hasTerminal)(
  'on a terminal status --watch repaints in place, and leaves it as it was',
  async () => {
    const { folder } = await runningProject();
    // The Ctrl-C reaches the shell, too.
    const line = `trap : INT; stty cols 60 rows 24; '${process.execPath}' '${BIN}' status --watch 100ms; echo ended with $?`;
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      cwd: folder,
      env: { PATH, HOME, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let shown = '';
    let isAsked = false;
    for await (const chunk of child.stdout) {
      shown += chunk;
      if (isAsked || shown.split('\u001b[H').length < 4) continue;
      isAsked = true;
      child.stdin.write('\u0003');
    }
    expect(shown).toContain('ended with 0');
    expect(shown).not.toContain('\u001b[2J');
    const [before = '', ...frames] = shown.split('\u001b[H');
    expect(before).toContain('\u001b[?25l');
    expect(shown.lastIndexOf('\u001b[?25h')).toBeGreaterThan(shown.lastIndexOf('\u001b[?25l'));
    const [frame = ''] = frames;
    expect(frame).toContain('\u001b[K\r\nusers ');
    expect(frame).toContain('\u001b[J');
    const widths = stripVTControlCharacters(frame)
      .split('\r\n')
      .map((text) => text.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(60);
  },
);
