import { connect } from 'amqplib';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ask } from '../ask.ts';
import { judgeOf } from '../judge.ts';
import { type Broker, openBroker, patience } from '../kit/bus/broker.ts';
import { describeWithBroker } from '../kit/bus/broker-url.ts';
import type { RunningService } from '../start-service.ts';
import { boughtAndReturned, orderData, paymentData, type Told, told, userData } from './event-histories.ts';
import { startAnalytics } from './start-analytics.ts';

const judge = judgeOf('analytics');
const queue = 'analytics.all.events';

async function start(): Promise<{
  broker: Broker;
  analytics: RunningService;
  tell: (one: Told) => Promise<void>;
}> {
  const broker = await openBroker();
  const analytics = await startAnalytics({ bus: broker.settings });
  onTestFinished(analytics.stop);
  // From then on its queue is bound, and what is told is not lost.
  await vi.waitFor(async () => {
    const { text } = await ask('GET', `${analytics.url}/metrics`);
    expect(text).toMatch(/^broker_connected 1$/m);
  }, patience);
  const model = await connect(broker.settings.url, { noDelay: true });
  onTestFinished(() => model.close());
  const channel = await model.createConfirmChannel();
  const tell = async (event: Told) => {
    const exchange = `${broker.settings.prefix}${event.type.split('.')[0]}.events`;
    channel.publish(exchange, event.type, Buffer.from(JSON.stringify(event)));
    await channel.waitForConfirms();
  };
  return { broker, analytics, tell };
}

async function untilHeard(analytics: RunningService, total: number): Promise<void> {
  await vi.waitFor(async () => {
    expect((await ask('GET', `${analytics.url}/history`)).body['total']).toBe(total);
  }, patience);
}

const userCreated = told('u', 'user.created', '2', userData('2', 'bob@example.com'));

describeWithBroker('what is told at the broker', () => {
  it('arrives from all three exchanges, and is answered as documented', async () => {
    const { analytics, tell } = await start();
    for (const event of [...boughtAndReturned('o1'), userCreated]) await tell(event);
    await untilHeard(analytics, 6);
    const get = async (path: string, operation = path.split('?')[0]) => {
      const answered = await ask('GET', `${analytics.url}${path}`);
      judge(`GET ${operation}`, answered);
      return answered.body;
    };
    expect(await get('/metrics/orders')).toMatchObject({
      orders: { total: 1, by_status: { refunded: 1 } },
      totals: { payments: 1, refunds: 1, net: '0.00' },
    });
    expect(await get('/metrics/orders/o1', '/metrics/orders/{order_id}')).toMatchObject({
      orderId: 'o1',
      amount: '25.50',
      userId: '1',
    });
    expect(await get('/revenue?from=2026-03-01&to=2026-03-02')).toMatchObject({
      revenue: [{ net: '25.50' }, { net: '-25.50' }],
    });
    expect(await get('/behavior?user_id=1')).toMatchObject({ behavior: [{ orders: 1, spent: '0.00' }] });
    expect(await get('/behavior')).toMatchObject({ total: 2 });
    expect(await get('/history?order_id=o1&limit=2&offset=1')).toMatchObject({
      total: 5,
      events: [{ id: 'o1-processed' }, { id: 'o1-paid' }],
    });
    expect(await get('/history?type=user.created')).toMatchObject({
      events: [{ user_id: '2', order_id: null, data: { user_id: '2', email: '*@example.com' } }],
    });
    expect(await get('/history?user_id=1')).toMatchObject({ total: 5 });
  });

  it('counts once, and the same, when it comes backwards and again', async () => {
    const { analytics, tell, broker } = await start();
    const history = [...boughtAndReturned('o1'), ...boughtAndReturned('o2').slice(0, 4)];
    for (const event of [...history.toReversed(), ...history]) await tell(event);
    const name = broker.topology.queue(queue).name;
    await vi.waitFor(async () => {
      const { text } = await ask('GET', `${analytics.url}/metrics`);
      expect(text).toContain(`events_consumed_total{queue="${name}",outcome="done"} 9`);
      expect(text).toContain(`events_consumed_total{queue="${name}",outcome="duplicate"} 9`);
    }, patience);
    const { body } = await ask('GET', `${analytics.url}/metrics/orders`);
    expect(body).toMatchObject({
      orders: { total: 2, by_status: { confirmed: 1, refunded: 1 } },
      totals: { payments: 2, refunds: 1, processed: '51.00', refunded: '25.50', net: '25.50' },
    });
    const rebuilt = await ask('POST', `${analytics.url}/rebuild`);
    judge('POST /rebuild', rebuilt);
    expect(rebuilt.body).toEqual({ events: 9, orders: 2 });
    const { at: _, ...before } = body;
    expect((await ask('GET', `${analytics.url}/metrics/orders`)).body).toMatchObject(before);
  });

  it('is put aside where its amount is none, and the others go on', async () => {
    const { analytics, tell, broker } = await start();
    await tell(told('bad', 'payment.processed', 'o1', paymentData('o1', '1', { amount: 'tok_secret' }), 1));
    await tell(told('good', 'order.created', 'o2', orderData('o2'), 2));
    const dead = await broker.take(broker.topology.queue(queue).dead);
    expect(dead.properties.headers?.['x-error']).toContain('#/amount must match pattern');
    await untilHeard(analytics, 1);
    expect(analytics.logText()).not.toContain('tok_secret');
  });
});
