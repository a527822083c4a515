import { expect, it } from 'vitest';
import { type Answered, ask } from '../ask.ts';
import { expectMoneyOfConfirmedOrdersOnly, expectOneMailOfEach, expectOneOrderOfEach } from './audit.ts';
import { openBooks } from './books.ts';
import { type Authorization, buy, type Purchase, type Receipt, signIn } from './customer.ts';
import { openPostBooks } from './post-books.ts';
import { people } from './purchases.ts';
import { startWholeShop } from './whole-shop.ts';

const patience = { timeout: 120_000, interval: 100 };
const purchasesEach = 4;
const all = people.length * purchasesEach;

type Shop = Awaited<ReturnType<typeof openShop>>;

it('with mail down orders are confirmed, and each e-mail arrives once when it is back', async () => {
  const shop = await openShop();
  await shop.mail.kill();
  const receipts = await buyAll(shop);
  await expect.poll(() => shop.books.underWay(), patience).toEqual([]);
  const ends = (await shop.books.orders()).map(({ status }) => status);
  expect(ends).toEqual(Array.from({ length: all }, () => 'confirmed'));
  // Each has been tried in vain, is kept, and waits for its next attempt.
  const waiting = { status: 'pending', last_error: expect.stringContaining('ECONNREFUSED') };
  await expect
    .poll(() => shop.post.notifications(), patience)
    .toEqual(Array.from({ length: 2 * all }, () => expect.objectContaining(waiting)));
  expect(await shop.post.mailCount()).toBe(0);

  await shop.mail.start();
  await expectAllConfirmed(shop, receipts);
}, 240_000);

it('with the broker down checkout answers 202 or a clean 503, and loses nothing', async () => {
  // Fewer events may wait than orders are placed meanwhile; users, which tells of eleven at its start, can do with it.
  const shop = await openShop({ OUTBOX_LIMIT: '12' });
  await shop.broker.kill();
  // One after the other: the shop is to be without its broker, and not to be too busy to answer in time.
  const first: Answered[] = [];
  for (const wanted of shop.sessions.flatMap(purchasesOf)) first.push(await askOnce(shop, wanted));
  expect(first.filter(({ status }) => status === 202).length).toBeGreaterThan(0);
  for (const { status, headers, text } of first.filter((one) => one.status !== 202)) {
    expect(status, text).toBe(503);
    expect(headers.get('content-type'), text).toContain('application/problem+json');
    expect(Number(headers.get('retry-after')), text).toBeGreaterThan(0);
  }
  expect(await shop.books.payments()).toEqual([]);

  await shop.broker.start();
  // Whoever was told to come later does; whoever has an order is told of it again.
  const receipts = await buyAll(shop);
  const acknowledged = first.filter(({ status }) => status === 202).map(({ body }) => body['id']);
  expect(receipts.map(({ orderId }) => orderId)).toEqual(expect.arrayContaining(acknowledged));
  await expectAllConfirmed(shop, receipts);
}, 240_000);

async function openShop(more: Record<string, string> = {}) {
  const shop = await startWholeShop(more);
  const sessions = await Promise.all(people.map((name) => signIn(shop.users.url, name)));
  return { ...shop, sessions, books: openBooks(shop.file), post: openPostBooks(shop) };
}

interface Wanted {
  headers: Authorization;
  purchase: Purchase;
}

function purchasesOf(headers: Authorization, customer: number): Wanted[] {
  return Array.from({ length: purchasesEach }, (_, number) => {
    const items = [{ product_id: String(10 + number), quantity: 1 }];
    return {
      headers,
      purchase: { items, cardToken: 'tok_ok', key: `customer-${customer}-purchase-${number}` },
    };
  });
}

/** One question. Whoever is not answered at all within a minute, however slow the machine, has lost. */
async function askOnce({ orders }: Shop, { headers, purchase }: Wanted) {
  const { items, cardToken: token, key } = purchase;
  const body = { items, payment_method: { type: 'card', token } };
  const signal = AbortSignal.timeout(60_000);
  const question = { headers: { ...headers, 'idempotency-key': key }, body, signal };
  return await ask('POST', `${orders.url}/checkout`, question);
}

async function buyAll({ orders, sessions }: Shop): Promise<Receipt[]> {
  const signal = AbortSignal.timeout(patience.timeout);
  const wanted = sessions.flatMap(purchasesOf);
  return await Promise.all(
    wanted.map(({ headers, purchase }) => buy(orders.url, headers, purchase, signal, '/checkout')),
  );
}

/** Nothing is under way any more, each order has its money and its two e-mails once, and no event is dead. */
async function expectAllConfirmed({ books, post }: Shop, receipts: readonly Receipt[]): Promise<void> {
  await expect
    .poll(async () => [...(await books.underWay()), ...(await post.underWay())], patience)
    .toEqual([]);
  expect(receipts.map(({ status }) => status)).toEqual(Array.from({ length: all }, () => 202));
  const ends = (await books.orders()).map(({ status }) => status);
  expect(ends).toEqual(receipts.map(() => 'confirmed'));
  await expectOneOrderOfEach(books, receipts);
  await expectMoneyOfConfirmedOrdersOnly(books, 'none');
  await expectOneMailOfEach(books, post, 'none');
  expect(await post.mailCount()).toBe(2 * all);
  expect(await post.dead()).toEqual([]);
}
