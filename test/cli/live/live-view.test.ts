import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { hasTerminal, openTerminal, stateOf, supervisorOf, talkingProject } from './live-terminal.ts';

const READY = /2 services ready ─+\n[\s\S]*.*q stop all/;

describe.runIf(hasTerminal)('the live view in a terminal', () => {
  test('selects, filters log lines, tells all about a service, and `q` stops everything with 0', async () => {
    const { folder, ask } = await talkingProject();
    const terminal = openTerminal({ folder });
    await terminal.showsFrame(READY);
    expect(terminal.frame()).toMatch(/^> users +ready +\d+ +\d+ /m);
    terminal.press('\u001b[B');
    await terminal.showsFrame(/^> orders/m);
    terminal.press('l');
    await terminal.showsFrame(/only logs of orders/);
    await ask('users', '/hidden');
    await ask('orders', '/filtered');
    await terminal.shows(/^orders \| orders says \/filtered$/m);
    terminal.press('l');
    await terminal.showsFrame(/^── default/m);
    await ask('users', '/all');
    await terminal.shows(/^users {2}\| users says \/all$/m);
    expect(terminal.plain()).not.toContain('/hidden');
    terminal.press('h');
    await terminal.showsFrame(/^probe +http \/: answered .*\n[\s\S]*needs +users \(ready\)\n/m);
    terminal.press('?');
    await terminal.showsFrame(/^r +restart the selected one$/m);
    terminal.press('\u001b');
    await terminal.showsFrame(/only its logs.*\? help/);
    expect(terminal.frame()).not.toContain('restart the selected one');
    terminal.press('q');
    expect(await terminal.end()).toBe(0);
    expect(terminal.plain()).toMatch(/^orders +stopped in .*\n[\s\S]*users +stopped in/m);
    expect((await stateOf(folder, 'users'))?.state).toBe('stopped');
  });

  test('restarts, stops and starts the selected service, and says in a line what failed', async () => {
    const { folder } = await talkingProject();
    const terminal = openTerminal({ folder });
    await terminal.showsFrame(READY);
    const before = await stateOf(folder, 'users');
    terminal.press('r');
    await terminal.shows(/^users +stopped in [\s\S]*users +ready in/m);
    await terminal.showsFrame(READY);
    const after = await stateOf(folder, 'users');
    expect(after).toMatchObject({ state: 'ready' });
    expect(after?.pid).not.toBe(before?.pid);
    // With no line between table and keys: what was asked for is done.
    await terminal.showsFrame(new RegExp(`^> users +ready +\\d+ +${after?.pid} .*\n.*\n.*select`, 'm'));
    terminal.press('js');
    await terminal.showsFrame(/^> orders +stopped.*\n.*s start/m);
    writeFileSync(join(folder, 'orders.broken'), '');
    terminal.press('s');
    await terminal.showsFrame(/^> orders +failed .*\n.*exit code 3.*\n.*select/m);
    terminal.press('k');
    await terminal.showsFrame(/^> users[\s\S]* {2}orders +failed .*\n.*select/m);
    terminal.press('\u0003');
    expect(await terminal.end()).toBe(130);
  });

  test('fits after a resize, and goes on while it is too small for anything', async () => {
    const { folder } = await talkingProject();
    const terminal = openTerminal({ folder });
    await terminal.showsFrame(READY);
    terminal.resize(44, 12);
    await terminal.showsFrame(/^── default: 2 services ready ─{14}\n/m);
    const frame = terminal.frame().slice(terminal.frame().indexOf('──'));
    expect(Math.max(...frame.split('\n').map((text) => text.length))).toBeLessThan(44);
    terminal.resize(12, 3);
    await terminal.showsFrame(/^> u… {2}ready\nq stop all$/m);
    terminal.resize(100, 24);
    await terminal.showsFrame(READY);
    terminal.press('q');
    expect(await terminal.end()).toBe(0);
  });

  test('SIGTERM gives the terminal back', async () => {
    const { folder } = await talkingProject();
    const terminal = openTerminal({ folder });
    await terminal.showsFrame(READY);
    process.kill(await supervisorOf(folder), 'SIGTERM');
    expect(await terminal.end()).toBe(130);
    expect(terminal.plain()).toMatch(/^users +stopped in/m);
  });

  test('a crash gives the terminal back, and tells its stack below the log lines', async () => {
    const { folder } = await talkingProject();
    const crash = join(folder, 'crash.mjs');
    writeFileSync(crash, `process.on('SIGUSR2', () => { throw new Error('crashed on purpose'); });\n`);
    const terminal = openTerminal({ folder, env: { NODE_OPTIONS: `--import=${crash}` } });
    await terminal.showsFrame(READY);
    process.kill(await supervisorOf(folder), 'SIGUSR2');
    expect(await terminal.end()).toBe(1);
    const { length } = terminal.raw().split('\u001b[?25h').at(0) ?? '';
    expect(terminal.raw().slice(length)).toContain('Error: crashed on purpose');
  });

  test('Ctrl-Z gives the terminal to the shell, and `fg` brings the view back', async () => {
    const { folder } = await talkingProject();
    const line = 'set -m; @ up; echo "stopped with $?"; echo "mode $(stty -g)"; read answer; fg';
    const terminal = openTerminal({ folder, line });
    await terminal.showsFrame(READY);
    terminal.press('\u001a');
    await terminal.shows(/^stopped with 1\d\d$/m);
    await terminal.shows(/^stopped with \d+\nmode .*$/m);
    const before = terminal.raw().length;
    terminal.press('on\n');
    await expect.poll(() => terminal.raw().slice(before), { timeout: 30_000 }).toContain('q stop all');
    terminal.press('j');
    await terminal.showsFrame(/^> orders/m);
    terminal.press('q');
    expect(await terminal.end()).toBe(0);
  });

  test('while a service floods the terminal, keys are heard', async () => {
    const { folder, ask } = await talkingProject();
    const terminal = openTerminal({ folder });
    await terminal.showsFrame(READY);
    await ask('users', '/flood');
    await terminal.shows(/(users {2}\| flood\n){1000}/);
    terminal.press('j');
    await terminal.showsFrame(/^> orders/m);
    terminal.press('q');
    expect(await terminal.end()).toBe(0);
  });

  test('attached, it acts on the run of another process, and `q` leaves that running', async () => {
    const { folder, ask } = await talkingProject();
    await runCli(['up', '-d'], { cwd: folder });
    const before = await stateOf(folder, 'orders');
    const terminal = openTerminal({ folder, line: '@ up --attach' });
    await terminal.showsFrame(/2 services ready ─+\n[\s\S]*.*q detach/);
    await ask('users', '/seen');
    await terminal.shows(/^users {2}\| users says \/seen$/m);
    terminal.press('jr');
    await terminal.shows(/^orders +ready in/m);
    terminal.press('ks');
    await terminal.showsFrame(/^> users +stopped/m);
    terminal.press('q');
    expect(await terminal.end()).toBe(0);
    expect(terminal.plain()).toContain('detached; the services go on');
    const after = await stateOf(folder, 'orders');
    expect(after).toMatchObject({ state: 'ready' });
    expect(after?.pid).not.toBe(before?.pid);
  });

  test.each([
    ['--plain', '@ up --plain', {}],
    ['--raw', '@ up --raw', {}],
    ['--quiet', '@ --quiet up', {}],
    ['a terminal that cannot move its cursor', '@ up', { TERM: 'dumb' }],
    ['CI', '@ up', { CI: 'true' }],
    ['keys that come from elsewhere', '@ up </dev/null', {}],
    ['output that goes elsewhere', '@ up | cat', {}],
  ])('there is none with %s', async (_why, line, env: Record<string, string>) => {
    const { folder, ask } = await talkingProject();
    const terminal = openTerminal({ folder, line, env });
    await expect.poll(() => stateOf(folder, 'orders'), { timeout: 30_000 }).toMatchObject({ state: 'ready' });
    // Only once it is up lines are shown: asked again and again, one of them is.
    await expect
      .poll(
        async () => {
          await ask('users', '/plain');
          return terminal.plain();
        },
        { timeout: 30_000 },
      )
      .toContain('users says /plain');
    expect(terminal.raw()).not.toMatch(/\u2500|2026/);
    process.kill(await supervisorOf(folder), 'SIGTERM');
    expect([0, 130]).toContain(await plainEnd(terminal));
  });
});

/** A terminal that was never ours has no settings to give back. */
async function plainEnd(terminal: ReturnType<typeof openTerminal>): Promise<number> {
  await terminal.shows(/^ended with \d+$/m);
  return Number(/^ended with (\d+)$/m.exec(terminal.plain())?.[1]);
}
