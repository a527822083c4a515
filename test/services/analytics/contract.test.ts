import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { loadContract } from '../../../src/contract/openapi/load.ts';
import { verdicts, verify } from '../../contract/verify/verification.ts';
import { ask } from '../ask.ts';
import { startAnalytics } from './start-analytics.ts';

const folder = fileURLToPath(new URL('../../../contracts/openapi/', import.meta.url));

it('analytics keeps its contract, and has no route that is not in it', async () => {
  const analytics = await startAnalytics();
  onTestFinished(analytics.stop);
  const contract = await loadContract(`${folder}analytics.yaml`, folder);
  const result = await verify([{ name: 'analytics', baseUrl: analytics.url, contract }]);
  expect(verdicts(result).filter((verdict) => !verdict.endsWith('passed'))).toEqual([]);
  expect(result.warnings).toEqual([]);
  expect(result.coverage.operationsSeen).toBe(result.coverage.operations.length);
  const { endpoints } = JSON.parse((await ask('GET', `${analytics.url}/`)).text);
  expect([...analytics.app.endpoints].sort()).toEqual(endpoints.sort());
});

it('without a broker it starts, answers, and says that it hears nothing', async () => {
  const analytics = await startAnalytics();
  onTestFinished(analytics.stop);
  expect((await ask('GET', `${analytics.url}/healthz`)).status).toBe(200);
  const { body } = await ask('GET', `${analytics.url}/health`);
  expect(body).toMatchObject({ status: 'degraded', dependencies: { broker: 'unavailable' } });
  expect(analytics.logText()).toContain('no event is heard');
});

it('metrics for Prometheus and the numbers of orders stand beside each other', async () => {
  const analytics = await startAnalytics();
  onTestFinished(analytics.stop);
  expect((await ask('GET', `${analytics.url}/metrics`)).text).toContain('service_up{service="analytics"} 1');
  expect((await ask('GET', `${analytics.url}/metrics/orders`)).body).toMatchObject({ orders: { total: 0 } });
});
