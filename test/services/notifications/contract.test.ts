import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { loadContract } from '../../../src/contract/openapi/load.ts';
import { verdicts, verify } from '../../contract/verify/verification.ts';
import { ask } from '../ask.ts';
import { startNotifications } from './start-notifications.ts';

const folder = fileURLToPath(new URL('../../../contracts/openapi/', import.meta.url));

it('notifications keeps its contract, and has no route that is not in it', async () => {
  // Nothing in the examples goes out by mail, and health says so of a port where no mail server is.
  const notifications = await startNotifications(1);
  onTestFinished(notifications.stop);
  const contract = await loadContract(`${folder}notifications.yaml`, folder);
  const result = await verify([{ name: 'notifications', baseUrl: notifications.url, contract }]);
  expect(verdicts(result).filter((verdict) => !verdict.endsWith('passed'))).toEqual([]);
  expect(result.warnings).toEqual([]);
  expect(result.coverage.operationsSeen).toBe(result.coverage.operations.length);
  const { endpoints } = JSON.parse((await ask('GET', `${notifications.url}/`)).text);
  expect([...notifications.app.endpoints].sort()).toEqual(endpoints.sort());
});
