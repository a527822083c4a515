import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createFindRoute } from '../../../services/gateway/find-route.ts';
import { routingTable } from '../../../services/gateway/routing-table.ts';
import { createValidators } from '../../../src/contract/openapi/validators.ts';
import type { LoadedContract } from '../../../src/contract/service.ts';
import { testSecret } from '../start-shop.ts';
import { unbounded } from './bounds.ts';
import { type Described, describeOperations } from './described.ts';
import { badKinds } from './kinds.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import { documentOf, type Shop, serviceNames, startWholeShop } from './shop.ts';

// Up to a hundred requests a test, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let shop: Shop;
let refusals: Refusals;
beforeAll(async () => {
  shop = await startWholeShop();
  refusals = createRefusals(shop);
});
afterAll(async () => {
  await refusals?.close();
  await shop?.stop();
});

const services: LoadedContract[] = [];
for (const name of serviceNames) {
  const contract = await documentOf(name);
  services.push({
    name,
    contract,
    validators: createValidators(contract),
    env: { SERVICE_SECRET: testSecret },
    get baseUrl() {
      return `${shop.urls.get(name)}`;
    },
  });
}

function refuses(described: Described, asked: string, kinds = badKinds): void {
  for (const kind of kinds) {
    const cases = kind.casesOf(described);
    if (cases.length === 0) continue;
    it(`refuses ${kind.title} (${cases.length})`, async () => {
      const violations = await refusals.violations(described, cases, `${shop.urls.get(asked)}`);
      const all = [...violations, ...(await refusals.leaks())];
      expect(all, all.slice(0, 20).join('\n')).toEqual([]);
    });
  }
}

for (const service of services) {
  for (const described of describeOperations(services, service)) {
    describe(`${service.name}: ${described.title}`, () => {
      it('says of everything that it takes how much of it', () => {
        expect(unbounded(described)).toEqual([]);
      });
      refuses(described, service.name);
    });
  }
}

const findRoute = createFindRoute(routingTable);
const atGateway = badKinds.filter(({ isAtGateway }) => isAtGateway);
const behindGateway = services
  .flatMap((service) => describeOperations(services, service))
  .filter(({ operation, service }) => {
    const found = findRoute(operation.template.path);
    const methods = found?.entry.methods ?? [operation.method];
    return found?.entry.service === service.name && methods.includes(operation.method);
  });

for (const described of behindGateway) {
  // Nothing that the gateway looks at: no body, and open to whoever asks.
  if (atGateway.every(({ casesOf }) => casesOf(described).length === 0)) continue;
  describe(`gateway: ${described.title}`, () => refuses(described, 'gateway', atGateway));
}
