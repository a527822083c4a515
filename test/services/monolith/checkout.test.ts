import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadContract } from '../../../src/contract/openapi/load.ts';
import { verdicts, verify } from '../../contract/verify/verification.ts';
import { ask } from '../ask.ts';
import { startMail } from '../mail/start-mail.ts';
import type { RunningService } from '../start-service.ts';
import { startMonolith } from './start-monolith.ts';

const folder = fileURLToPath(new URL('../../../contracts/openapi/', import.meta.url));

let mail: Awaited<ReturnType<typeof startMail>>;
let monolith: RunningService;
beforeAll(async () => {
  mail = await startMail();
  monolith = await startMonolith(mail.smtpPort);
}, 60_000);
afterAll(async () => {
  await monolith?.stop();
  await mail?.stop();
});

const buy = (body: object, headers: Record<string, string> = {}) =>
  ask('POST', `${monolith.url}/checkout`, { body, headers });
const one = (product: string, more: object = {}) => ({
  items: [{ product_id: product, quantity: 1, ...more }],
});
const stockOf = async (product: string) => (await ask('GET', `${monolith.url}/inventory/${product}`)).body;

describe('the monolith', () => {
  it('keeps its contract, and has no route of its own that is not in it', async () => {
    const contract = await loadContract(`${folder}monolith.yaml`, folder);
    const result = await verify([{ name: 'monolith', baseUrl: monolith.url, contract }]);
    expect(verdicts(result).filter((verdict) => !verdict.endsWith('passed'))).toEqual([]);
    expect(result.warnings).toEqual([]);
    expect(result.coverage.operationsSeen).toBe(result.coverage.operations.length);
    const about = await ask('GET', `${monolith.url}/`);
    expect([...monolith.app.endpoints].sort()).toEqual(JSON.parse(about.text).endpoints.sort());
  }, 60_000);

  it('answers the paths of its modules, and says of all of them how they are', async () => {
    expect(await ask('GET', `${monolith.url}/products/7`)).toMatchObject({ status: 200, body: { id: '7' } });
    expect(await ask('GET', `${monolith.url}/api/users/1`)).toMatchObject({
      status: 200,
      body: { username: 'alice' },
    });
    expect((await ask('GET', `${monolith.url}/nowhere`)).body).toMatchObject({
      type: 'urn:shop:problem:unknown-route',
    });
    await expect
      .poll(async () => (await ask('GET', `${monolith.url}/health`)).body, { timeout: 20_000 })
      .toMatchObject({ name: 'monolith', status: 'healthy', dependencies: { notifications: 'available' } });
  });

  it('has sold, charged and written when it answers', async () => {
    const before = await stockOf('3');
    const { body: product } = await ask('GET', `${monolith.url}/products/3`);
    const asked = { user_id: 1, user_email: 'buyer@example.com', ...one('3', { price: product['price'] }) };
    const { status, body } = await buy(asked);
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { status: 'confirmed', email: 'sent', user_email: 'buyer@example.com', total: product['price'] },
    });
    const id = String(body['order_id']);
    expect(await mail.list('to=buyer@example.com')).toMatchObject([{ subject: expect.stringContaining(id) }]);
    expect(await ask('GET', `${monolith.url}/orders/${id}`)).toMatchObject({ body: { status: 'confirmed' } });
    expect(await ask('GET', `${monolith.url}/api/users/1/payments`)).toMatchObject({
      body: {
        payments: expect.arrayContaining([expect.objectContaining({ order_id: id, status: 'completed' })]),
      },
    });
    expect(await stockOf('3')).toMatchObject({ available: Number(before['available']) - 1 });
  });

  it('buys and writes once for a key, however often it is asked', async () => {
    const headers = { 'idempotency-key': 'the-same' };
    const body = { user_id: 2, user_email: 'once@example.com', ...one('4') };
    const answers = [await buy(body, headers), await buy(body, headers)];
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(await mail.list('to=once@example.com')).toHaveLength(1);
  });

  it('keeps neither stock nor money, and writes nothing, when the card is refused', async () => {
    const before = await stockOf('5');
    const card = { payment_method: { type: 'card', token: 'tok_declined' } };
    const body = { user_id: 2, user_email: 'refused@example.com', ...one('5'), ...card };
    expect(await buy(body)).toMatchObject({ status: 402, body: { order_id: expect.any(String) } });
    expect(await stockOf('5')).toEqual(before);
    expect(await mail.list('to=refused@example.com')).toEqual([]);
  });
});
