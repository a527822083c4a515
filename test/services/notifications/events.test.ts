import { expect, it, onTestFinished, vi } from 'vitest';
import type { EventType } from '../../../services/kit/index.ts';
import { type Answered, ask } from '../ask.ts';
import { judgeOf } from '../judge.ts';
import { envelopeText, openBroker, patience } from '../kit/bus/broker.ts';
import { describeWithBroker } from '../kit/bus/broker-url.ts';
import { startMail } from '../mail/start-mail.ts';
import type { RunningService, StartOptions } from '../start-service.ts';
import { startGate, startNotifications } from './start-notifications.ts';

const judge = judgeOf('notifications');

const placed = {
  order_id: 'A1',
  user_id: '1',
  user_email: 'alice@example.com',
  items: [{ product_id: '7', quantity: 1, price: '299.99' }],
  total: '299.99',
  status: 'created',
  mode: 'async',
};
const paid = {
  payment_id: 'P1',
  order_id: 'A1',
  user_id: '1',
  user_email: 'alice@example.com',
  amount: '299.99',
  method: 'card',
  mode: 'async',
};

const queues = {
  'order.created': 'notifications.order.created',
  'payment.processed': 'notifications.payment.processed',
} as const satisfies Partial<Record<EventType, string>>;

/** The notifications service, an SMTP server that can be away, and the broker. */
async function startPost(options: StartOptions = {}, settings: Parameters<typeof openBroker>[0] = {}) {
  const broker = await openBroker(settings);
  const mail = await startMail();
  onTestFinished(mail.stop);
  const gate = await startGate(mail.smtpPort);
  onTestFinished(gate.stop);
  const notifications = await startNotifications(gate.port, { bus: broker.settings, ...options });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= notifications.stop();
    return stopped;
  };
  onTestFinished(stop);
  await untilConnected(notifications);
  const queueOf = (type: keyof typeof queues) => broker.topology.queue(queues[type]);
  return {
    broker,
    mail,
    gate,
    notifications,
    stop,
    queueOf,
    deliver: (type: keyof typeof queues, data: object, id?: string) =>
      broker.send(queueOf(type).name, envelopeText(type, id, data)),
    /** Everything that was delivered was dealt with: so many times with that outcome. */
    untilConsumed: (type: keyof typeof queues, outcome: string, count: number) =>
      vi.waitFor(async () => {
        const { text } = await ask('GET', `${notifications.url}/metrics`);
        const name = queueOf(type).name;
        expect(text).toContain(`events_consumed_total{queue="${name}",outcome="${outcome}"} ${count}\n`);
      }, patience),
    subjects: async () => (await mail.list()).map(({ subject }) => subject).sort(),
    untilSubjects: (subjects: string[]) =>
      vi.waitFor(
        async () => expect((await mail.list()).map(({ subject }) => subject).sort()).toEqual(subjects),
        patience,
      ),
    list: async (query = '') => {
      const answered = await ask('GET', `${notifications.url}/notifications?${query}`);
      judge('GET /notifications', answered);
      return listed(answered);
    },
  };
}

function listed({ text }: Answered): Record<string, unknown>[] {
  return JSON.parse(text).notifications;
}

async function untilConnected({ url }: RunningService): Promise<void> {
  await vi.waitFor(async () => {
    expect((await ask('GET', `${url}/metrics`)).text).toMatch(/^broker_connected 1$/m);
  }, patience);
}

describeWithBroker('what customers are told of events', () => {
  it('is one e-mail when an order was received and one when it is confirmed', async () => {
    const { deliver, untilSubjects, mail, list } = await startPost();
    await deliver('order.created', placed);
    await untilSubjects(['Your order A1']);
    await deliver('payment.processed', paid);
    await untilSubjects(['Order A1 confirmed', 'Your order A1']);
    const [confirmed] = await mail.list('subject=confirmed');
    expect(confirmed).toMatchObject({ to: ['alice@example.com'], copies: 1 });
    expect((await mail.get(`/messages/${confirmed?.['id']}`)).body).toMatchObject({
      text: expect.stringContaining('We have received $299.99 for your order A1. It is confirmed.'),
    });
    expect(await list('user_id=1&status=sent')).toHaveLength(2);
  });

  it('is only what NOTIFY_ON lists, and the other events do not pile up', async () => {
    const { deliver, untilConsumed, untilSubjects, list, broker, queueOf } = await startPost({
      settings: { NOTIFY_ON: 'payment.processed' },
    });
    await deliver('order.created', placed);
    await untilConsumed('order.created', 'done', 1);
    await deliver('payment.processed', paid);
    await untilSubjects(['Order A1 confirmed']);
    expect(await list()).toMatchObject([{ template: 'order-confirmed' }]);
    const { name, dead } = queueOf('order.created');
    expect([await broker.depth(name), await broker.depth(dead)]).toEqual([0, 0]);
  });

  it('is one e-mail for a paid order, however often its events are delivered and published', async () => {
    const { deliver, untilConsumed, untilSubjects, mail, list } = await startPost();
    for (const id of ['e1', 'e1', 'e1']) await deliver('payment.processed', paid, id);
    // Others that say the same, and one that is about another payment of the order.
    for (const id of ['e2', 'e3']) await deliver('payment.processed', paid, id);
    await deliver('payment.processed', { ...paid, payment_id: 'P2', user_email: 'bob@example.com' }, 'e4');
    await untilConsumed('payment.processed', 'duplicate', 2);
    await untilConsumed('payment.processed', 'done', 4);
    // What comes after them goes out after them.
    await deliver('payment.processed', { ...paid, order_id: 'A2' });
    await untilSubjects(['Order A1 confirmed', 'Order A2 confirmed']);
    expect((await mail.list()).map(({ copies }) => copies)).toEqual([1, 1]);
    expect(await list()).toHaveLength(2);
  });

  it('waits while mail is down, and arrives once when it is back', async () => {
    const { deliver, untilConsumed, gate, list, mail, untilSubjects } = await startPost();
    gate.close();
    await deliver('order.created', placed);
    await deliver('payment.processed', paid);
    await untilConsumed('payment.processed', 'done', 1);
    await untilConsumed('order.created', 'done', 1);
    await vi.waitFor(async () => {
      const waits = { status: 'pending', last_error: expect.any(String) };
      expect(await list()).toMatchObject([waits, waits]);
    }, patience);
    expect(await mail.list()).toEqual([]);
    gate.open();
    await untilSubjects(['Order A1 confirmed', 'Your order A1']);
    await vi.waitFor(async () => expect(await list('status=sent')).toHaveLength(2), patience);
    expect((await mail.list()).map(({ copies }) => copies)).toEqual([1, 1]);
  });

  it.each([
    ['is missing', undefined, 'Nobody said where to send it: one e-mail address is missing.'],
    ['is two', 'a@example.com, b@example.com', 'What it was to be sent to is not one e-mail address.'],
    ['is none', 'nobody', 'What it was to be sent to is not one e-mail address.'],
  ])('is noted as failed where the address %s, and cannot be tried anew', async (_case, address, reason) => {
    const { deliver, untilConsumed, list, notifications, broker, queueOf, mail } = await startPost();
    const { user_email: _known, ...nameless } = paid;
    await deliver('payment.processed', address === undefined ? nameless : { ...paid, user_email: address });
    await untilConsumed('payment.processed', 'done', 1);
    const [noted, ...others] = await list('status=failed');
    expect(others).toEqual([]);
    expect(noted).toMatchObject({
      user_id: '1',
      recipient: null,
      template: 'order-confirmed',
      attempts: 0,
      last_error: reason,
    });
    const again = await ask('POST', `${notifications.url}/notifications/${noted?.['id']}/retry`);
    judge('POST /notifications/{id}/retry', again);
    expect(again).toMatchObject({
      status: 409,
      body: { type: 'urn:shop:problem:notification-without-recipient' },
    });
    expect(await broker.depth(queueOf('payment.processed').dead)).toBe(0);
    expect(await mail.list()).toEqual([]);
  });

  it.each([
    ['lacks its amount', { ...paid, amount: undefined }, '#'],
    ['has an amount that is no money', { ...paid, amount: '1e3' }, '#/amount'],
    ['has an order id that no order has', { ...paid, order_id: '<b>' }, '#/order_id'],
  ])('is nothing for an event that %s: it is dead at once, and others go on', async (_case, data, place) => {
    const { deliver, broker, queueOf, untilSubjects, list } = await startPost(
      {},
      { retryDelaysMs: [600_000] },
    );
    await deliver('payment.processed', data, 'poison');
    await deliver('payment.processed', { ...paid, order_id: 'A2' });
    const dead = await broker.take(queueOf('payment.processed').dead);
    expect(JSON.parse(dead.content.toString())).toMatchObject({ id: 'poison' });
    expect(dead.properties.headers).toMatchObject({
      'x-attempts': 1,
      'x-error': expect.stringContaining(`The data of payment.processed is not what it should be: ${place} `),
    });
    await untilSubjects(['Order A2 confirmed']);
    expect(await list()).toHaveLength(1);
  });

  it('is tried again where the template is gone, and told from the dead letters when it is back', async () => {
    const { deliver, broker, queueOf, notifications, untilSubjects } = await startPost();
    const template = `${notifications.url}/templates/order-confirmed`;
    const { channels } = (await ask('GET', template)).body;
    await ask('DELETE', template);
    await deliver('payment.processed', paid);
    const dead = await broker.take(queueOf('payment.processed').dead);
    expect(dead.properties.headers).toMatchObject({
      'x-attempts': 4,
      'x-error': 'unknown-template: There is no template with the id "order-confirmed".',
    });
    await ask('POST', `${notifications.url}/templates`, { body: { id: 'order-confirmed', channels } });
    await broker.send(queueOf('payment.processed').name, dead.content.toString());
    await untilSubjects(['Order A1 confirmed']);
  });

  it('needs no database on disk', async () => {
    const { deliver, untilSubjects, stop, notifications } = await startPost({
      file: '/dev/null/there-is-no-such-folder/notifications.db',
      settings: { STORAGE: 'memory' },
    });
    await deliver('payment.processed', paid);
    await untilSubjects(['Order A1 confirmed']);
    await stop();
    expect(notifications.logText()).not.toContain('SQLITE');
  });
});
