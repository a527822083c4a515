import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { loadContract } from '../../../src/contract/openapi/load.ts';
import { verdicts, verify } from '../../contract/verify/verification.ts';
import { startProducts } from '../products/start-catalog.ts';
import { startCart } from '../start-shop.ts';

const folder = fileURLToPath(new URL('../../../contracts/openapi/', import.meta.url));

it('cart keeps its contract beside the real products', async () => {
  const products = await startProducts();
  const cart = await startCart({ upstreams: { products: products.url } });
  onTestFinished(async () => {
    await cart.stop();
    await products.stop();
  });
  const services = [];
  for (const [name, { url }] of Object.entries({ products, cart })) {
    services.push({ name, baseUrl: url, contract: await loadContract(`${folder}${name}.yaml`, folder) });
  }
  const result = await verify(services);
  expect(verdicts(result).filter((verdict) => !verdict.endsWith('passed'))).toEqual([]);
  expect(result.warnings).toEqual([]);
  expect(result.coverage.operationsSeen).toBe(result.coverage.operations.length);
});
