import { expect, test } from 'vitest';
import type { Liveness } from '../../../src/config/project.ts';
import { systemClock } from '../../../src/topology/clock.ts';
import { eventOf, freePort, own, pidOf, trial, until } from '../support.ts';
import { type Behaviour, examine, type Scene } from './behaviour.ts';

const watched: Liveness = { probe: { kind: 'http', path: '/' }, everyMs: 20, timeoutMs: 300, failures: 2 };
const sick = { exitCode: 3, state: 'unhealthy', stop: 'terminated' } as const;
const gone = { exitCode: 3, state: 'exited' } as const;
const well = { exitCode: 0, state: 'ready', stop: 'terminated' } as const;
const signalled = (signal: NodeJS.Signals) => async (scene: Scene) => {
  process.kill(scene.pid, signal);
  await scene.ends();
};

const behaviours: readonly Behaviour[] = [
  {
    title: 'answers 200, then 500',
    manner: 'does-as-told',
    facts: { live: watched },
    onceReady: async ({ ask, becomes }) => {
      await ask('/then/500');
      await becomes('unhealthy');
    },
    expected: { ...sick, says: /answered with status 500/ },
  },
  {
    title: 'answers, then keeps silent',
    manner: 'does-as-told',
    facts: { live: watched },
    onceReady: async ({ ask, becomes }) => {
      await ask('/then/silence');
      await becomes('unhealthy');
    },
    expected: { ...sick, says: /did not answer within 0.3 s/ },
  },
  {
    title: 'stops listening and lives on',
    manner: 'does-as-told',
    facts: { live: watched },
    onceReady: async ({ ask, becomes }) => {
      await ask('/then/close');
      await becomes('unhealthy');
    },
    expected: { ...sick, says: /refused the connection: nothing listens there/ },
  },
  {
    title: 'is stopped (SIGSTOP)',
    manner: 'well',
    facts: { live: watched },
    onceReady: async ({ pid, becomes }) => {
      process.kill(pid, 'SIGSTOP');
      await becomes('unhealthy');
    },
    expected: { ...sick, says: /did not answer within 0.3 s/ },
  },
  {
    title: 'is stopped and goes on',
    manner: 'well',
    facts: { live: watched },
    onceReady: async ({ pid, becomes }) => {
      process.kill(pid, 'SIGSTOP');
      await becomes('unhealthy');
      process.kill(pid, 'SIGCONT');
      await becomes('ready');
    },
    expected: well,
  },
  {
    title: 'is killed',
    manner: 'well',
    onceReady: signalled('SIGKILL'),
    expected: { ...gone, says: /signal SIGKILL/ },
  },
  {
    title: 'is terminated by somebody else',
    manner: 'well',
    onceReady: signalled('SIGTERM'),
    expected: { ...gone, says: /signal SIGTERM/ },
  },
  {
    title: 'takes a SIGTERM of somebody else for its own wish',
    manner: 'ends-badly',
    onceReady: signalled('SIGTERM'),
    expected: { ...gone, says: /exit code 9/ },
  },
  {
    title: 'is killed and leaves a child that listens',
    manner: 'has-a-child-that-listens',
    onceReady: signalled('SIGKILL'),
    expected: { ...gone, says: /signal SIGKILL/ },
  },
  {
    title: 'is killed and leaves a stubborn child in another session',
    manner: 'has-a-child-in-another-session',
    facts: { stopGraceMs: 100 },
    onceReady: signalled('SIGKILL'),
    expected: { ...gone, says: /signal SIGKILL/ },
  },
];

test.each(behaviours)('a ready process that $title', examine);

test.each([-1, 1])(
  'a clock that jumps by %d h ends nothing, hides nothing and holds up no restart',
  async (hours) => {
    let jumpMs = 0;
    const clock = { ...systemClock, epochMs: () => systemClock.epochMs() + jumpMs };
    const users = own('users', 'listens.mjs', {
      port: await freePort(),
      live: watched,
      restart: { policy: 'always', backoffMs: 1, limitMs: 4 },
    });
    const { start, events } = trial([users], undefined, clock);
    const running = await start();
    jumpMs = hours * 3_600_000;
    process.kill(pidOf(running, 'users'), 'SIGKILL');
    await until('it has come back', () => {
      const [status] = running.services();
      return status?.state === 'ready' && status.restarts === 1;
    });
    const ready = events.filter((event) => event.type === 'service-ready');
    expect(ready).toHaveLength(2);
    for (const { tookMs } of ready) expect(Math.abs(tookMs)).toBeLessThan(3_600_000);
    expect(eventOf(events, 'service-exited', 'users').livedMs).toBeLessThan(3_600_000);
  },
);
