import { request } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import type { Broker, BrokerClock } from '../../../src/broker/embedded/index.ts';
import { type Management, serveManagement } from '../../../src/broker/management/index.ts';
import { holds } from '../embedded/conformance/brokers.ts';
import { embeddedBrokers } from '../embedded/embedded.ts';

const brokers = embeddedBrokers();
const open: Management[] = [];
afterEach(async () => {
  for (const management of open.splice(0)) await management.close();
});

const GUEST = { user: 'guest', password: 'guest' };

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly credentials?: string | undefined;
}

async function serve(broker: Broker | undefined, clock?: BrokerClock): Promise<Management> {
  const read = () => broker?.stats();
  const options = { port: 0, credentials: GUEST, read, ...(clock === undefined ? {} : { clock }) };
  const management = await serveManagement(options);
  open.push(management);
  return management;
}

/** Asks as written: `fetch` would not let the test choose its Host. */
function ask({ url }: Management, path: string, asked: Asked = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, credentials = 'guest:guest' } = asked;
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return new Promise((resolve, reject) => {
    const options = { method, headers: { authorization, ...headers }, agent: false };
    request(`${url}${path}`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    })
      .on('error', reject)
      .end();
  });
}

async function json(management: Management, path: string): Promise<unknown> {
  const { status, text } = await ask(management, path);
  expect(status).toBe(200);
  return JSON.parse(text);
}

/** Time stands still until the test moves it. */
function stoppedClock() {
  let nowMs = 0;
  let next: (() => void) | undefined;
  return {
    epochMs: () => nowMs,
    after: (_ms: number, run: () => void) => {
      next = run;
      return () => {
        next = undefined;
      };
    },
    passSeconds(count: number) {
      for (let second = 0; second < count; second += 1) {
        nowMs += 1_000;
        next?.();
      }
    },
  };
}

it('shows queues and exchanges in the words of RabbitMQ', async () => {
  const broker = await brokers.start();
  const channel = await brokers.channel(broker.url);
  await channel.assertExchange('order.events', 'topic');
  await channel.assertQueue('orders/new');
  await channel.bindQueue('orders/new', 'order.events', '#');
  for (const text of ['a', 'b', 'c']) channel.publish('order.events', 'order.created', Buffer.from(text));
  await channel.waitForConfirms();
  await channel.get('orders/new');
  const taken = await channel.get('orders/new');
  if (taken !== false) channel.ack(taken);
  await holds(channel, 'orders/new', 1);
  const management = await serve(broker);
  const queue = {
    name: 'orders/new',
    vhost: '/',
    type: 'classic',
    durable: true,
    exclusive: false,
    auto_delete: false,
    messages: 2,
    messages_ready: 1,
    messages_unacknowledged: 1,
    consumers: 0,
    message_stats: { publish: 3, deliver_get: 2, ack: 1 },
  };
  expect(await json(management, '/api/queues')).toMatchObject([queue]);
  expect(await json(management, '/api/queues/%2F?columns=name')).toMatchObject([queue]);
  expect(await json(management, '/api/queues/%2F/orders%2Fnew')).toMatchObject(queue);
  expect(await json(management, '/api/exchanges/%2F/order.events')).toMatchObject({
    name: 'order.events',
    type: 'topic',
    durable: true,
    message_stats: { publish_in: 3 },
  });
  expect(await json(management, '/api/overview')).toMatchObject({
    queue_totals: { messages: 2, messages_ready: 1, messages_unacknowledged: 1 },
    object_totals: { connections: 1, channels: 1, consumers: 0, queues: 1 },
    message_stats: { publish: 3, deliver_get: 2, ack: 1 },
  });
});

it('tells rates over the last seconds, and none once nothing happens', async () => {
  const broker = await brokers.start();
  const channel = await brokers.channel(broker.url);
  await channel.assertQueue('q');
  const clock = stoppedClock();
  const management = await serve(broker, clock);
  for (let number = 0; number < 10; number += 1) channel.sendToQueue('q', Buffer.from('x'));
  await channel.waitForConfirms();
  clock.passSeconds(2);
  const rate = async () => {
    const queue = await json(management, '/api/queues/%2F/q');
    return queue;
  };
  expect(await rate()).toMatchObject({ message_stats: { publish: 10, publish_details: { rate: 5 } } });
  clock.passSeconds(10);
  expect(await rate()).toMatchObject({ message_stats: { publish: 10, publish_details: { rate: 0 } } });
  // What is made anew counts from 0: no negative rate.
  await channel.deleteQueue('q');
  await channel.assertQueue('q');
  clock.passSeconds(1);
  expect(await rate()).toMatchObject({ message_stats: { publish: 0, publish_details: { rate: 0 } } });
});

it('has a page that takes nothing from elsewhere and may not be framed', async () => {
  const management = await serve(await brokers.start());
  const { status, headers, text } = await ask(management, '/');
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(text).toContain('<title>shopctl broker</title>');
});

it.each([
  ['wrong credentials', '/api/queues', { credentials: 'guest:wrong' }, 401],
  ['the page without credentials', '/', { credentials: '' }, 401],
  ['a name of elsewhere that leads here', '/', { headers: { host: 'evil.example' } }, 403],
  ['a wish to change something', '/api/queues/%2F/q', { method: 'DELETE' }, 405],
  ['another virtual host', '/api/queues/other', {}, 404],
  ['a queue that is not there', '/api/queues/%2F/nope', {}, 404],
  ['a name that is wrongly encoded', '/api/queues/%2F/%zz', {}, 404],
  ['anything else', '/api/users', {}, 404],
  ['anything else', '/etc/passwd', {}, 404],
])('refuses %s', async (_, path, asked, status) => {
  const management = await serve(await brokers.start());
  const answer = await ask(management, path, asked);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text)).toHaveProperty('reason');
});

it('says that the broker is not there yet', async () => {
  expect((await ask(await serve(undefined), '/api/overview')).status).toBe(503);
});

it('tells every client where it is', async () => {
  const management = await serve(undefined);
  const broker = await brokers.start({ managementUrl: management.url });
  const { connection } = await brokers.connect(broker.url);
  expect(connection.serverProperties).toMatchObject({ management_url: management.url });
});
