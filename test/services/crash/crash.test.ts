import { expect, it } from 'vitest';
import { type Random, seededRandom } from '../../../services/kit/random.ts';
import type { ServiceProcess } from '../service-process.ts';
import { expectMoneyOfConfirmedOrdersOnly, expectStockConserved } from './audit.ts';
import { type Books, openBooks } from './books.ts';
import { buy, type Receipt, signIn } from './customer.ts';
import { startProcessShop } from './process-shop.ts';
import { customers, people, purchasesEach, purchasesOf } from './purchases.ts';
import { fillCarts, makeScarce } from './stocking.ts';

/** Another seed, other purchases and other moments to die at: `CRASH_SEED=7 npx vitest run test/services/crash`. */
const seed = process.env['CRASH_SEED'] ?? '1';

const patienceMs = 120_000;

it('loses no order, payment or piece when orders and payments are killed in the midst of checkouts', async () => {
  console.info(`crash seed ${seed}`);
  const random = seededRandom(`crashes ${seed}`);
  const shop = await startProcessShop();
  const books = openBooks(shop.file);
  const signal = AbortSignal.timeout(patienceMs);
  await makeScarce(shop, '1');
  const sessions = await Promise.all(people.map((name) => signIn(shop.users.url, name)));
  await fillCarts(shop.cart.url, sessions);
  const before = await books.stock();

  const crashes = [shop.orders, shop.payments].map((service) => crashTwice(service, random));
  const bought = Array.from({ length: customers }, async (_, number) => {
    const session = sessions[number % people.length] ?? { authorization: '' };
    const receipts: Receipt[] = [];
    for (const purchase of purchasesOf(number, seed)) {
      receipts.push(await buy(shop.orders.url, session, purchase, signal));
    }
    return receipts;
  });
  const receipts = (await Promise.all(bought)).flat();
  await Promise.all(crashes);
  await expect.poll(() => books.underWay(), { timeout: 60_000, interval: 100 }).toEqual([]);

  await expectOrdersAsTold(books, receipts);
  await expectMoneyOfConfirmedOrdersOnly(books, seed);
  await expectStockConserved(books, before, seed);
}, 240_000);

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
