import { expect, it } from 'vitest';
import { type Random, seededRandom } from '../../../services/kit/random.ts';
import { ask } from '../ask.ts';
import type { ServiceProcess } from '../service-process.ts';
import { type Books, openBooks } from './books.ts';
import { buy, type Purchase, type Receipt, signIn } from './customer.ts';
import { startProcessShop } from './process-shop.ts';

/** Another seed, other purchases and other moments to die at: `CRASH_SEED=7 npx vitest run test/services/crash`. */
const seed = process.env['CRASH_SEED'] ?? '1';

const people = ['alice', 'bob', 'charlie', 'test'];
const customers = 20;
const purchasesEach = 3;
const patienceMs = 120_000;

it('loses no order, payment or piece when orders and payments are killed in the midst of checkouts', async () => {
  console.info(`crash seed ${seed}`);
  const random = seededRandom(`crashes ${seed}`);
  const shop = await startProcessShop();
  const books = openBooks(shop.file);
  const signal = AbortSignal.timeout(patienceMs);
  await makeScarce(shop, '1');
  const sessions = await Promise.all(people.map((name) => signIn(shop.users.url, name)));
  for (const headers of sessions) {
    const filled = await ask('POST', `${shop.cart.url}/cart/add`, {
      headers,
      body: { product_id: '9', quantity: 1 },
    });
    expect(filled.status, filled.text).toBe(200);
  }
  const before = await books.stock();

  const crashes = [shop.orders, shop.payments].map((service) => crashTwice(service, random));
  const bought = Array.from({ length: customers }, async (_, number) => {
    const session = sessions[number % people.length] ?? { authorization: '' };
    const receipts: Receipt[] = [];
    for (const purchase of purchasesOf(number)) {
      receipts.push(await buy(shop.orders.url, session, purchase, signal));
    }
    return receipts;
  });
  const receipts = (await Promise.all(bought)).flat();
  await Promise.all(crashes);
  await expect.poll(() => books.underWay(), { timeout: 60_000, interval: 100 }).toEqual([]);

  await expectOrdersAsTold(books, receipts);
  await expectMoneyOfConfirmedOrdersOnly(books);
  await expectStockConserved(books, before);
}, 240_000);

/** So few that not everybody who wants one can have it. */
async function makeScarce(
  { users, inventory }: Awaited<ReturnType<typeof startProcessShop>>,
  productId: string,
): Promise<void> {
  const headers = await signIn(users.url, 'admin');
  const url = `${inventory.url}/inventory/${productId}`;
  const { status, text } = await ask('PUT', url, { headers, body: { available: 5 } });
  expect(status, text).toBe(200);
}

/** Each purchase has chances of its own, so that what is bought does not depend on who is faster. */
function purchasesOf(customer: number): Purchase[] {
  return Array.from({ length: purchasesEach }, (_, number) => {
    const key = `customer-${customer}-purchase-${number}`;
    const random = seededRandom(`${seed} ${key}`);
    const isFromCart = number === 0 && customer < people.length;
    const draw = random();
    return {
      key,
      items: isFromCart ? undefined : someItems(random),
      cardToken: draw < 0.8 ? 'tok_ok' : draw < 0.9 ? 'tok_declined' : 'tok_lost',
    };
  });
}

/** One or two of six products, of which one runs out. */
function someItems(random: Random) {
  const one = () => ({
    product_id: String(1 + Math.floor(random() * 6)),
    quantity: 1 + Math.floor(random() * 4),
  });
  return random() < 0.5 ? [one()] : [one(), one()];
}

/** Every purchase passes each service twice at least, with its question and its answer, so both moments come. */
async function crashTwice(service: ServiceProcess, random: Random): Promise<void> {
  for (const count of [random(), random()].map((draw) => 8 + Math.floor(draw * 32))) {
    await service.killAtPiece(count);
    await service.start();
  }
}

async function expectOrdersAsTold(books: Books, receipts: readonly Receipt[]): Promise<void> {
  const orders = await books.orders();
  expect(receipts).toHaveLength(customers * purchasesEach);
  expect(orders.filter(({ status }) => !['confirmed', 'cancelled', 'failed'].includes(status))).toEqual([]);
  const confirmed = orders.filter(({ status }) => status === 'confirmed');
  const told = receipts.map(({ purchase, status, orderId }) => ({ key: purchase.key, status, orderId }));
  const written = told.map(({ key, status }) => {
    const [order, ...more] = confirmed.filter(({ idempotency_key }) => idempotency_key === key);
    return { key, status, orderId: order?.id, ...(more.length > 0 ? { more } : {}) };
  });
  expect(written, `seed ${seed}`).toEqual(told);
  const refused = told.filter(({ status }) => status !== 201).map(({ status }) => status);
  expect(new Set(refused)).toEqual(new Set([402, 409]));
  expect(confirmed.length).toBeGreaterThan(20);
}

async function expectMoneyOfConfirmedOrdersOnly(books: Books): Promise<void> {
  const payments = await books.payments();
  for (const { id, status, total } of await books.orders()) {
    const ofOrder = payments.filter(({ order_id }) => order_id === id);
    const kept = ofOrder.filter((one) => one.status === 'completed' || one.charge === 'captured');
    const expected = { status: 'completed', charge: 'captured', amount: total, charged: total };
    expect(kept, `seed ${seed}: order ${id} is ${status}`).toEqual(
      status === 'confirmed' ? [expect.objectContaining(expected)] : [],
    );
  }
  const ids = new Set((await books.orders()).map(({ id }) => id));
  expect(payments.filter(({ order_id }) => !ids.has(order_id))).toEqual([]);
}

async function expectStockConserved(
  books: Books,
  before: Awaited<ReturnType<Books['stock']>>,
): Promise<void> {
  const sold = new Map<string, number>();
  for (const { status, items } of await books.orders()) {
    if (status !== 'confirmed') continue;
    for (const { product_id, quantity } of JSON.parse(items)) {
      sold.set(product_id, (sold.get(product_id) ?? 0) + quantity);
    }
  }
  const expected = before.map(({ product_id, available }) => {
    const pieces = sold.get(product_id) ?? 0;
    return { product_id, available: available - pieces, reserved: 0, sold: pieces };
  });
  expect(await books.stock(), `seed ${seed}`).toEqual(expected);
}
