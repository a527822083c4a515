import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../services/kit/clock.ts';
import { ask, untilHeldBack } from '../../ask.ts';
import { startUsers } from '../../start-shop.ts';

it('a simulated failure answers 503 before any effect, counts, and spares health and metrics', async () => {
  const users = await startUsers({ simulation: { latency: undefined, failureRate: 1 } });
  onTestFinished(users.stop);
  const change = { operation: 'debit', amount: '1.00' };
  const failed = await ask('POST', `${users.url}/api/users/1/balance`, { body: change });
  expect(failed.status).toBe(503);
  expect(failed.body['type']).toBe('urn:shop:problem:simulated-failure');
  expect(failed.headers.get('retry-after')).toBe('1');
  expect((await ask('GET', `${users.url}/health`)).status).toBe(200);
  expect((await ask('GET', `${users.url}/healthz`)).status).toBe(200);
  expect((await ask('GET', `${users.url}/metrics`)).text).toContain(
    'simulated_failures_total{method="POST",endpoint="/api/users/{id}/balance"} 1',
  );
});

it('a request whose caller is gone before its turn has no effect', async () => {
  const users = await startUsers({
    clock: systemClock,
    simulation: {
      latency: undefined,
      failureRate: 0,
      writes: { latency: { kind: 'constant', ms: 600_000 } },
    },
  });
  onTestFinished(users.stop);
  const leaving = new AbortController();
  const impatient = fetch(`${users.url}/api/users/1/balance`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ operation: 'debit', amount: '1.00' }),
    signal: leaving.signal,
  });
  await untilHeldBack(users.url);
  leaving.abort();
  await expect(impatient).rejects.toThrow('aborted');
  await expect.poll(() => users.logged.some(({ status }) => status === 499)).toBe(true);
  expect((await ask('GET', `${users.url}/api/users/1/balance`)).body['balance']).toBe('500.00');
});
