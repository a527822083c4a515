import { readdirSync, readFileSync } from 'node:fs';
import type { ConsumeMessage } from 'amqplib';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type EventType, eventTypes } from '../../../services/kit/bus/topology.ts';
import { type Answered, ask } from '../ask.ts';
import { openBroker, patience } from '../kit/bus/broker.ts';
import { describeWithBroker } from '../kit/bus/broker-url.ts';
import { startProducts } from '../products/start-catalog.ts';
import type { RunningService } from '../start-service.ts';
import { startCart, startInventory, startOrders, startPayments, startUsers } from '../start-shop.ts';
import { complaints } from './documented.ts';
import { startTap } from './tap.ts';

/** Who publishes what, by the first word of the type. */
const publishers = { user: 'users', order: 'orders', payment: 'payments' } as const;

/** Every type of its own that a publishing service names in its code. */
function typesInCode(): EventType[] {
  return Object.entries(publishers).flatMap(([group, service]) => {
    const folder = new URL(`../../../services/${service}/`, import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const code = files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(new URL(file, folder), 'utf8'))
      .join('\n');
    return eventTypes.filter((type) => type.startsWith(`${group}.`) && code.includes(`'${type}'`));
  });
}

async function startShopOn(broker: Awaited<ReturnType<typeof openBroker>>) {
  const running: RunningService[] = [];
  onTestFinished(async () => {
    for (const one of running.reverse()) await one.stop();
  });
  const started = async (starting: Promise<RunningService>) => {
    const service = await starting;
    running.push(service);
    return service;
  };
  const bus = broker.settings;
  const users = await started(startUsers({ bus }));
  const inventory = await started(startInventory({ bus }));
  const products = await started(startProducts({ upstreams: { inventory: inventory.url } }));
  const upstreams = { users: users.url, products: products.url };
  const cart = await started(startCart({ upstreams }));
  const payments = await started(
    startPayments({ bus, upstreams: { users: users.url, orders: 'http://127.0.0.1:9' } }),
  );
  const all = { ...upstreams, cart: cart.url, inventory: inventory.url, payments: payments.url };
  return { users, orders: await started(startOrders({ bus, upstreams: all })) };
}

/** What customers and the office do, so that everything that can be told is told. */
async function liveThroughEverything({ users, orders }: Awaited<ReturnType<typeof startShopOn>>) {
  const good = async (method: string, url: string, body?: object): Promise<Answered> => {
    const answered = await ask(method, url, body === undefined ? {} : { body });
    expect(answered.status, `${method} ${url}: ${answered.text}`).toBeLessThan(300);
    return answered;
  };
  const order = (token: string, path = '/orders') => ({
    url: `${orders.url}${path}`,
    body: {
      user_id: '1',
      items: [{ product_id: '1', quantity: 1 }],
      payment_method: { type: 'card', token },
    },
  });
  const buy = async (): Promise<string> => {
    const { url, body } = order('tok_ok');
    return `${orders.url}/orders/${(await good('POST', url, body)).body['id']}`;
  };
  const account = { username: 'dana', password: 'correct horse', email: 'dana@example.com' };
  const { id } = (await good('POST', `${users.url}/register`, account)).body;
  await good('PUT', `${users.url}/api/users/${id}/roles`, { roles: ['customer', 'support'] });
  await good('PUT', `${await buy()}/status`, { status: 'shipped' });
  await good('POST', `${await buy()}/cancel`);
  const declined = order('tok_declined');
  expect((await ask('POST', declined.url, { body: declined.body })).status).toBeGreaterThanOrEqual(400);
  const named = { user_id: '1', items: ['Phone'], total_amount: '299.99' };
  const unpaid = await good('POST', `${orders.url}/api/orders`, named);
  await good('POST', `${orders.url}/orders/${unpaid.body['id']}/cancel`);
  // Where checkout is asynchronous as well.
  if (!orders.app.endpoints.includes('POST /checkout')) return;
  for (const token of ['tok_ok', 'tok_declined']) {
    const { url, body } = order(token, '/checkout');
    await good('POST', url, body);
  }
}

/** What the document says against a message as it was on the wire. */
function complaintsAbout({ content, properties, fields }: ConsumeMessage): string[] {
  const envelope = JSON.parse(content.toString());
  const type = String(envelope.type);
  const [group] = type.split('.');
  const wire = {
    contentType: properties.contentType,
    messageId: properties.messageId,
    type: properties.type,
    deliveryMode: properties.deliveryMode,
    key: fields.routingKey,
    source: envelope.source,
  };
  const documented = {
    contentType: 'application/cloudevents+json',
    messageId: envelope.id,
    type,
    deliveryMode: 2,
    key: type,
    source: `/${Object.entries(publishers).find(([known]) => known === group)?.[1]}`,
  };
  expect(wire).toEqual(documented);
  return [
    ...complaints(type, 'payload', envelope),
    ...complaints(type, 'headers', JSON.parse(JSON.stringify(properties.headers ?? {}))),
  ];
}

const typeOf = ({ content }: ConsumeMessage): string => JSON.parse(content.toString()).type;

describeWithBroker('what the services publish', () => {
  it('is what is documented: every event on the wire, and every type that their code names', async () => {
    const broker = await openBroker({ consumers: ['orders', 'payments'] });
    const tap = await startTap(broker);
    await liveThroughEverything(await startShopOn(broker));
    const published = typesInCode().sort();
    expect(published).toContain('user.created');
    await vi.waitFor(() => expect([...new Set(tap.heard.map(typeOf))].sort()).toEqual(published), patience);
    expect(tap.heard.flatMap(complaintsAbout)).toEqual([]);
  });
});
