import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { ContractService } from '../../../src/contract/index.ts';
import { loadContract } from '../../../src/contract/openapi/load.ts';
import { startShop } from '../../services/start-shop.ts';
import { verdicts, verify } from './verification.ts';

const contracts = fileURLToPath(new URL('../../../contracts/openapi/', import.meta.url));

/** Services of other topologies, which examples may need. */
const elsewhere = ['auth', 'products', 'cart', 'inventory', 'notifications'];

// Hundreds of requests, on a machine that may do something else as well.
const patience = { timeout: 240_000 };

test('the services of the shop keep their contracts, and every operation is called', patience, async () => {
  const shop = await startShop();
  onTestFinished(() => shop.stop());
  const services: ContractService[] = [];
  for (const name of ['users', 'orders', 'payments'] as const) {
    const contract = await loadContract(`${contracts}${name}.yaml`, contracts);
    services.push({ name, baseUrl: shop[name].url, contract });
  }
  const present = services.map(({ name }) => name);
  const result = await verify(services, { names: { present, all: [...present, ...elsewhere] } });
  expect(verdicts(result).filter((verdict) => !verdict.endsWith('passed'))).toEqual([]);
  expect(result.warnings).toEqual([]);
  expect(result.coverage.operationsSeen).toBe(result.coverage.operations.length);
});
