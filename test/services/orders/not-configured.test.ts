import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../ask.ts';
import { startOrders, startUsers } from '../start-shop.ts';

const payment_method = { type: 'card', token: 'tok_ok' };

async function startOrdersAlone() {
  const users = await startUsers();
  const orders = await startOrders({ upstreams: { users: users.url } });
  onTestFinished(async () => {
    await orders.stop();
    await users.stop();
  });
  return `${orders.url}/orders`;
}

it('answers 503 for a purchase where the services that it takes are not configured', async () => {
  const url = await startOrdersAlone();
  const refused = await ask('POST', url, { body: { user_id: '1', payment_method } });
  expect(refused.status).toBe(503);
  expect(refused.body['type']).toBe('urn:shop:problem:not-configured');
});

it('wants to know who buys, where there are no tokens to tell', async () => {
  const refused = await ask('POST', await startOrdersAlone(), { body: { payment_method } });
  expect(refused.status).toBe(400);
  expect(refused.body['errors']).toEqual([{ pointer: '#/user_id', message: 'is required' }]);
});
