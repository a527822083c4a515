import { expect, it, onTestFinished } from 'vitest';
import { seededRandom } from '../../../services/kit/random.ts';
import { openBooks as openLedger } from '../../cli/shop-books.ts';
import { expectMoneyOfConfirmedOrdersOnly, expectOneMailOfEach, expectOneOrderOfEach } from './audit.ts';
import { openBooks } from './books.ts';
import { type Crash, crashAll, drawCrashes } from './crashes.ts';
import { joinAll, shopTogether } from './crowd.ts';
import { openPostBooks } from './post-books.ts';
import { makeScarce } from './stocking.ts';
import { startWholeShop, type WholeShop } from './whole-shop.ts';

/** Another seed, other purchases and other moments to die at: `CRASH_SEED=7 npx vitest run test/services/crash`. */
const seed = process.env['CRASH_SEED'] ?? '1';
const customers = 20;
/** All 500 in CI; elsewhere as many as `CRASH_CHECKOUTS` says, since they take two quiet cores. */
const checkouts = Number(process.env['CRASH_CHECKOUTS'] ?? (process.env['CI'] ? 500 : 0));
const purchasesEach = Math.ceil(checkouts / customers);
const limitMs = 180_000;

/** So many things happen at least: each purchase is answered, and most of them are followed by two e-mails. */
const leastEvents = customers * purchasesEach * 2;

it.runIf(checkouts > 0)(
  'asynchronous checkouts end well although each service, mail and the broker are killed meanwhile',
  async () => {
    console.info(`crash seed ${seed}, ${customers * purchasesEach} checkouts`);
    const signal = AbortSignal.timeout(limitMs);
    const shop = await startWholeShop();
    const sessions = await joinAll(shop.users.url, customers, signal);
    await makeScarce(shop, '1');
    const [books, post, ledger] = [openBooks(shop.file), openPostBooks(shop), await openLedger(shop.folder)];
    onTestFinished(ledger.close);

    let answered = 0;
    const onAnswer = () => {
      answered += 1;
    };
    const progress = async () => (answered + (await post.mailCount())) / leastEvents;
    const crashes = crashesOf(shop);
    const [receipts] = await Promise.all([
      shopTogether(shop, sessions, { purchasesEach, seed, onAnswer }, signal),
      crashAll(crashes, progress, signal),
    ]);
    await expect
      .poll(async () => [...(await books.underWay()), ...(await post.underWay())], {
        timeout: limitMs,
        interval: 250,
      })
      .toEqual([]);

    expect(receipts).toHaveLength(customers * purchasesEach);
    await expectOneOrderOfEach(books, receipts);
    await expectMoneyOfConfirmedOrdersOnly(books, seed);
    await expectOneMailOfEach(books, post, seed);
    expect(await ledger.findings(), `seed ${seed}`).toEqual({});
    expect(await post.dead(), `seed ${seed}`).toEqual([]);
    console.info(JSON.stringify({ crashes: crashes.length, ...(await ledger.totals()) }));
  },
  limitMs,
);

/** Each process that a checkout takes at least once; those that ask customers' questions while customers ask. */
function crashesOf(shop: WholeShop): Crash[] {
  const random = seededRandom(`500 checkouts ${seed}`);
  const { auth, users, products, cart, inventory, orders, payments, broker, notifications, mail } = shop;
  const asked = [auth, users, products, cart, inventory, orders, orders];
  const told = [payments, payments, broker, broker, notifications, mail];
  return [
    ...drawCrashes(asked, { first: 0.03, last: 0.5, random }),
    ...drawCrashes(told, { first: 0.03, last: 0.85, random }),
  ];
}
