import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../services/kit/clock.ts';
import { ask } from '../ask.ts';
import { startProducts } from './start-catalog.ts';

it('search is held back for its own time, everything else for that of the service', async () => {
  const waits: number[] = [];
  const products = await startProducts({
    clock: {
      ...systemClock,
      sleep: async (ms) => {
        // The kit may count in what time the request has taken already.
        waits.push(Math.ceil(ms / 60_000));
      },
    },
    simulation: {
      latency: { kind: 'constant', ms: 60_000 },
      failureRate: 0,
      routeLatencies: { 'GET /search': { kind: 'constant', ms: 180_000 } },
    },
  });
  onTestFinished(products.stop);
  for (const path of ['/products', '/search?q=lamp', '/catalog/1', '/health'])
    await ask('GET', `${products.url}${path}`);
  expect(waits).toEqual([1, 3, 1]);
});
