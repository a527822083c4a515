import { expect, it } from 'vitest';
import { seededRandom } from '../../../services/kit/random.ts';
import { openBroker } from '../kit/bus/broker.ts';
import { describeWithBroker } from '../kit/bus/broker-url.ts';
import type { ServiceProcess } from '../service-process.ts';
import { expectMoneyOfConfirmedOrdersOnly, expectOneOrderOfEach, expectStockConserved } from './audit.ts';
import { openBooks } from './books.ts';
import { buy, type Receipt, signIn } from './customer.ts';
import { startProcessShop } from './process-shop.ts';
import { customers, people, purchasesEach, purchasesOf } from './purchases.ts';
import { fillCarts, makeScarce } from './stocking.ts';

/** Another seed, other purchases and other moments to die at: `CRASH_SEED=7 npx vitest run test/services/crash`. */
const seed = process.env['CRASH_SEED'] ?? '1';
const patienceMs = 120_000;
const all = customers * purchasesEach;

describeWithBroker('asynchronous checkouts', () => {
  it('that were acknowledged are confirmed or undone although orders and payments are killed meanwhile', async () => {
    console.info(`crash seed ${seed}`);
    const { settings } = await openBroker({
      consumers: ['orders', 'payments'],
      retryDelaysMs: [50, 100, 200, 400, 800],
    });
    const shop = await startProcessShop({
      AMQP_URL: settings.url,
      EVENT_PREFIX: settings.prefix,
      RETRY_DELAYS: '50ms,100ms,200ms,400ms,800ms',
      // However slow the machine: nothing is given up for being late.
      CHECKOUT_TIMEOUT: '30m',
      RESERVATION_TTL: '30m',
    });
    const books = openBooks(shop.file);
    await makeScarce(shop, '1');
    const sessions = await Promise.all(people.map((name) => signIn(shop.users.url, name)));
    await fillCarts(shop.cart.url, sessions);
    const before = await books.stock();

    const receipts = await checkOutAll(shop, sessions);
    await expect.poll(() => books.underWay(), { timeout: patienceMs, interval: 100 }).toEqual([]);

    expect(receipts).toHaveLength(all);
    await expectOneOrderOfEach(books, receipts);
    const statuses = (await books.orders()).map(({ status }) => status);
    expect(statuses.filter((status) => status === 'failed').length).toBeGreaterThan(0);
    expect(statuses.filter((status) => status === 'confirmed').length).toBeGreaterThan(20);
    await expectMoneyOfConfirmedOrdersOnly(books, seed);
    await expectStockConserved(books, before, seed);
  }, 300_000);
});

/** Each service is killed at two of the moments at which a purchase was answered, and started again at once. */
async function checkOutAll(
  shop: Awaited<ReturnType<typeof startProcessShop>>,
  sessions: readonly { authorization: string }[],
): Promise<Receipt[]> {
  const random = seededRandom(`asynchronous crashes ${seed}`);
  const moments = new Map<number, ServiceProcess>();
  for (const service of [shop.orders, shop.payments, shop.orders, shop.payments])
    moments.set(momentFor(moments, random()), service);
  // A service that is on its way up is killed when it is there.
  const restarts = new Map<ServiceProcess, Promise<void>>();
  let kills = 0;
  const restart = async (service: ServiceProcess, before: Promise<void> | undefined) => {
    await before;
    await service.kill();
    await service.start();
    kills += 1;
  };
  const signal = AbortSignal.timeout(patienceMs);
  let answered = 0;
  const bought = Array.from({ length: customers }, async (_, number) => {
    const session = sessions[number % people.length] ?? { authorization: '' };
    const receipts: Receipt[] = [];
    for (const purchase of purchasesOf(number, seed)) {
      receipts.push(await buy(shop.orders.url, session, purchase, signal, '/checkout'));
      answered += 1;
      const victim = moments.get(answered);
      if (victim !== undefined) restarts.set(victim, restart(victim, restarts.get(victim)));
    }
    return receipts;
  });
  const receipts = (await Promise.all(bought)).flat();
  await Promise.all(restarts.values());
  expect(kills).toBe(4);
  return receipts;
}

/** Another one than those that are taken, and not so late that nothing is left to be broken. */
function momentFor(taken: ReadonlyMap<number, unknown>, draw: number): number {
  const moment = 3 + Math.floor(draw * (all - 15));
  return taken.has(moment) ? momentFor(taken, (draw + 0.1) % 1) : moment;
}
