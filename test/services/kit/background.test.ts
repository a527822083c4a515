import { expect, it, onTestFinished } from 'vitest';
import { startBackground } from '../../../services/kit/background.ts';
import { type Clock, systemClock } from '../../../services/kit/clock.ts';
import { createLogger } from '../../../services/kit/log.ts';

const log = createLogger('test', 'silent');

function backgroundOf(results: (number | Error)[]) {
  const waitsMs: number[] = [];
  const passes: number[] = [];
  const clock: Clock = { now: systemClock.now, sleep: async (ms) => void waitsMs.push(ms) };
  const pass = async () => {
    const result = results[passes.length] ?? 0;
    passes.push(passes.length);
    if (result instanceof Error) throw result;
    return result;
  };
  const background = startBackground({
    pass,
    clock,
    random: () => 1,
    log,
    backoff: { firstMs: 100, maxMs: 300 },
  });
  onTestFinished(background.stop);
  return { background, waitsMs, passes };
}

it('starts at once and backs off, doubling up to a limit, until nothing is left', async () => {
  const { waitsMs, passes } = backgroundOf([2, 1, new Error('down'), 1, 0]);
  await expect.poll(() => passes).toHaveLength(5);
  expect(waitsMs).toEqual([100, 200, 300, 300]);
});

it('sleeps until it is woken', async () => {
  const { background, passes } = backgroundOf([0, 0, 0]);
  await expect.poll(() => passes).toHaveLength(1);
  background.wake();
  await expect.poll(() => passes).toHaveLength(2);
});

it('stops a running pass through its signal', async () => {
  let wasAborted = false;
  const pass = (signal: AbortSignal) =>
    new Promise<number>((resolve) => {
      signal.addEventListener('abort', () => {
        wasAborted = true;
        resolve(1);
      });
    });
  const background = startBackground({ pass, clock: systemClock, random: Math.random, log });
  await background.stop();
  expect(wasAborted).toBe(true);
});
