import { expect, onTestFinished, vi } from 'vitest';
import { systemClock as clock } from '../../../services/kit/clock.ts';
import { type BrokerFaults, startBroker } from '../../../src/broker/embedded/index.ts';
import { seededRandom } from '../../../src/lib/random.ts';
import { startAnalytics } from '../analytics/start-analytics.ts';
import { ask } from '../ask.ts';
import { startMail } from '../mail/start-mail.ts';
import { startNotifications } from '../notifications/start-notifications.ts';
import { startAsyncShop } from './async-shop.ts';

/** A whole trade on a busy machine. */
const waiting = { timeout: 300_000, interval: 100 };

/** The shop that pays by events, with notifications, mail and analytics, on an embedded broker of its own. */
async function startWholeShop(faults: BrokerFaults) {
  const broker = await startBroker({ host: '127.0.0.1', port: 0, random: seededRandom(7), faults });
  onTestFinished(() => broker.close());
  const shop = await startAsyncShop({ url: broker.url, runs: ['inventory'], waiting, clock });
  const bus = shop.broker.settings;
  const mail = await startMail({ clock });
  onTestFinished(mail.stop);
  const notifications = await startNotifications(mail.smtpPort, { bus, clock });
  onTestFinished(notifications.stop);
  const analytics = await startAnalytics({ bus, clock });
  onTestFinished(analytics.stop);
  for (const { url } of [notifications, analytics]) {
    await vi.waitFor(
      async () => expect((await ask('GET', `${url}/metrics`)).text).toMatch(/^broker_connected 1$/m),
      waiting,
    );
  }
  return { ...shop, events: broker, mail, notifications, analytics };
}

type WholeShop = Awaited<ReturnType<typeof startWholeShop>>;

/** What customers do: each of these ends in one way only, whatever comes when. */
const visits = [
  { ends: 'confirmed' },
  { token: 'tok_declined', ends: 'failed' },
  { ends: 'refunded', isCalledOff: true },
  { token: 'tok_lost', ends: 'confirmed' },
  { quantity: 5_000, ends: 'failed' },
] as const;
const customers = 20;
/** They change their minds while payments is away, so nothing is paid for them. */
const undecided = 4;

/**
 * Sells to all customers on a broker that does such things, and answers what is in the books, the counts and the
 * mailbox once nothing moves any more; `deliveries` are those of all queues.
 */
export async function tradeOn(faults: BrokerFaults) {
  const shop = await startWholeShop(faults);
  const initial = await shop.stock();
  const callOff = (id: string) =>
    vi.waitFor(
      async () => expect((await ask('POST', shop.url(`/orders/${id}/cancel`))).status).toBe(200),
      waiting,
    );
  /** As any customer asks a shop again that is too busy to answer. */
  const checkOut = (purchase: Parameters<typeof shop.checkOut>[0] & { key: string }) =>
    vi.waitFor(async () => {
      const { status, body } = await shop.checkOut(purchase);
      expect([202, 409]).toContain(status);
      return String(body['id'] ?? body['order_id']);
    }, waiting);
  const ends = new Map<string, string>();
  for (let index = 0; index < undecided; index += 1) {
    const id = await checkOut({ key: `undecided-${index}` });
    await callOff(id);
    ends.set(id, 'cancelled');
  }
  await shop.payments.stop();
  const desk = await shop.startDesk(shop.broker.settings);
  await vi.waitFor(
    async () => expect((await ask('GET', `${desk.url}/metrics`)).text).toMatch(/^broker_connected 1$/m),
    waiting,
  );
  for (let index = 0; index < customers; index += 1) {
    const visit: { ends: string; token?: string; quantity?: number; isCalledOff?: true } | undefined =
      visits[index % visits.length];
    if (visit === undefined) throw new Error('nobody came');
    const items = [{ product_id: '1', quantity: visit.quantity ?? 1 + (index % 3) }];
    const id = await checkOut({ key: `customer-${index}`, items, token: visit.token });
    if (visit.isCalledOff) {
      await shop.becomes(id, 'confirmed');
      await callOff(id);
    }
    ends.set(id, visit.ends);
  }
  for (const [id, status] of ends) await shop.becomes(id, status);
  await shop.expectConserved(initial);
  await untilQuiet(shop);
  const deliveries = shop.events.stats().queues.reduce((sum, { counts }) => sum + counts.delivered, 0);
  return { ledger: await ledgerOf(shop), deliveries };
}

/** Nothing waits in a queue, an outbox or for the mail server, and nothing has come while that was looked at. */
async function untilQuiet(shop: WholeShop): Promise<void> {
  const busy = () =>
    shop.events.stats().queues.filter(({ ready, unacked, delayed }) => ready + unacked + delayed > 0);
  const published = () => shop.events.stats().queues.reduce((sum, { counts }) => sum + counts.published, 0);
  await vi.waitFor(async () => {
    expect(busy()).toEqual([]);
    const before = published();
    for (const book of Object.values(shop.books)) expect(await book('outbox')).toEqual([]);
    const { notifications } = JSON.parse(
      (await ask('GET', `${shop.notifications.url}/notifications?status=pending`)).text,
    );
    expect(notifications).toEqual([]);
    expect(busy()).toEqual([]);
    expect(published()).toBe(before);
  }, waiting);
}

/** Everything that a message delivered twice, late or out of order could change, without times and ids made up. */
async function ledgerOf({ books, mail, notifications, analytics }: WholeShop) {
  const asked = async (url: string) => JSON.parse((await ask('GET', url)).text);
  const { orders, totals } = await asked(`${analytics.url}/metrics/orders`);
  const { behavior } = await asked(`${analytics.url}/behavior?limit=100`);
  const { total } = await asked(`${analytics.url}/revenue`);
  const told: Record<string, unknown>[] = (await asked(`${notifications.url}/notifications?limit=100`))
    .notifications;
  const mails = await mail.list('limit=100');
  return {
    orders: await books.orders('orders').orderBy('seq').select('id', 'status', 'total', 'user_email'),
    payments: await books
      .payments('payments')
      .orderBy(['order_id', 'status'])
      .select('order_id', 'status', 'amount', 'mode'),
    charges: await books
      .payments('card_charges')
      .join('payments', 'payments.id', 'card_charges.id')
      .orderBy(['order_id', 'state'])
      .select('order_id', 'state', { charged: 'card_charges.amount' }),
    refunds: await books
      .payments('refunds')
      .join('payments', 'payments.id', 'refunds.payment_id')
      .orderBy('order_id')
      .pluck('order_id'),
    stock: await books
      .inventory('stock')
      .orderBy('seq')
      .select('product_id', 'available', 'reserved', 'sold'),
    reservations: await books.inventory('reservations').orderBy('order_id').select('order_id', 'status'),
    counts: { orders, totals, revenue: total },
    behavior: behavior.map(({ last_seen: _, ...known }: { last_seen: string }) => known),
    notifications: told.map(({ template, status, recipient }) => `${template} ${status} ${recipient}`).sort(),
    mails: mails.map(({ subject, to, copies }) => `${subject} to ${to}, copies: ${copies}`).sort(),
  };
}
