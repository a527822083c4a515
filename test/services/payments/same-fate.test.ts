import { rm } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../ask.ts';
import { serviceProcess } from '../service-process.ts';
import { temporaryFolder } from '../start-service.ts';

/** Payments as a process on fresh data, failing as often as in the shop and never slow on purpose. */
async function startPaymentsProcess(SEED: string) {
  const DATA_DIR = await temporaryFolder();
  const nowhere = 'http://127.0.0.1:9';
  const payments = await serviceProcess('payments', () => ({
    DATA_DIR,
    SEED,
    SIMULATE: 'on',
    LATENCY: 'constant(0ms)',
    FAILURE_RATE: '3%',
    USERS_URL: nowhere,
    ORDERS_URL: nowhere,
  }));
  onTestFinished(async () => {
    await payments.stop();
    await rm(DATA_DIR, { recursive: true });
  });
  await payments.start();
  return payments;
}

/** The same call again and again, so many under way at a time; the numbers of those that failed, from 0. */
async function failuresOf(SEED: string, { calls = 1_000, atATime = 1 } = {}): Promise<number[]> {
  const payments = await startPaymentsProcess(SEED);
  const payment_method = { type: 'card', token: 'tok_ok' };
  const body = { order_id: 'o1', user_id: '1', amount: '20.00', payment_method };
  const headers = { 'idempotency-key': 'the-same' };
  const failed: number[] = [];
  let next = 0;
  const caller = async () => {
    for (let number = next++; number < calls; number = next++) {
      const { status, text } = await ask('POST', `${payments.url}/payment/process`, { body, headers });
      if (status === 503) failed.push(number);
      else expect(status, text).toBe(201);
    }
  };
  await Promise.all(Array.from({ length: atATime }, caller));
  return failed;
}

it('fails the same calls on every run of a seed, and others with another seed', async () => {
  const [first, second, other] = await Promise.all([failuresOf('7'), failuresOf('7'), failuresOf('8')]);
  expect(second).toEqual(first);
  expect(other).not.toEqual(first);
  for (const failed of [first, other]) {
    expect(failed?.length).toBeGreaterThanOrEqual(15);
    expect(failed?.length).toBeLessThanOrEqual(45);
  }
}, 240_000);

it('fails as many of the calls that are under way at once, whichever of them comes first', async () => {
  const [inOrder, atOnce] = await Promise.all([
    failuresOf('7', { calls: 200 }),
    failuresOf('7', { calls: 200, atATime: 20 }),
  ]);
  expect(inOrder).not.toHaveLength(0);
  expect(atOnce).toHaveLength(inOrder?.length ?? 0);
}, 240_000);
