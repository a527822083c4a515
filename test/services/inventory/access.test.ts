import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { type Issuer, startIssuer } from '../issue-token.ts';
import type { RunningService } from '../start-service.ts';
import { startInventory } from './start-inventory.ts';

let issuer: Issuer;
let inventory: RunningService;
beforeAll(async () => {
  issuer = await startIssuer();
  inventory = await startInventory({ auth: issuer.auth });
});
afterAll(async () => {
  await inventory.stop();
  await issuer.stop();
});

const items = [{ product_id: '1', quantity: 1 }];

describe.each([
  ['PUT', '/inventory/1', { available: 1_000 }],
  ['POST', '/inventory/reserve', { order_id: 'x', items }],
  ['POST', '/inventory/confirm', { order_id: 'x' }],
  ['POST', '/inventory/release', { order_id: 'x' }],
])('%s %s', (method, path, body) => {
  const send = (headers: Record<string, string>) => ask(method, `${inventory.url}${path}`, { body, headers });

  it('is refused without a token, and for a customer; nothing changes', async () => {
    const before = (await ask('GET', `${inventory.url}/inventory/1`)).text;
    const nobody = await send({});
    expect(nobody.status).toBe(401);
    expect(nobody.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect((await send(await issuer.asUser('1', 'customer', 'support'))).status).toBe(403);
    expect((await ask('GET', `${inventory.url}/inventory/1`)).text).toBe(before);
  });

  it('is done for a service, and for an admin', async () => {
    for (const headers of [await issuer.asService('orders'), await issuer.asUser('1', 'admin')]) {
      expect([401, 403]).not.toContain((await send(headers)).status);
    }
  });
});

it('stock is public', async () => {
  expect((await ask('GET', `${inventory.url}/inventory?limit=1`)).status).toBe(200);
  expect((await ask('GET', `${inventory.url}/inventory/7`)).status).toBe(200);
});
