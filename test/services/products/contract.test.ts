import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { loadContract } from '../../../src/contract/openapi/load.ts';
import { verdicts, verify } from '../../contract/verify/verification.ts';
import { startInventory } from '../inventory/start-inventory.ts';
import { startProducts } from './start-catalog.ts';

const folder = fileURLToPath(new URL('../../../contracts/openapi/', import.meta.url));

it('products and inventory keep their contracts', async () => {
  const inventory = await startInventory();
  const products = await startProducts({ upstreams: { inventory: inventory.url } });
  onTestFinished(async () => {
    await products.stop();
    await inventory.stop();
  });
  const services = [];
  for (const [name, { url }] of Object.entries({ products, inventory })) {
    services.push({ name, baseUrl: url, contract: await loadContract(`${folder}${name}.yaml`, folder) });
  }
  const result = await verify(services);
  expect(verdicts(result).filter((verdict) => !verdict.endsWith('passed'))).toEqual([]);
  expect(result.warnings).toEqual([]);
  expect(result.coverage.operationsSeen).toBe(result.coverage.operations.length);
});
