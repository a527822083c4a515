import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type MovedShop, moveShop } from './moved-shop.ts';
import { type Books, openBooks } from './shop-books.ts';

// All services of the shop as processes of their own, fifty customers at once, and then the books. The number of
// journeys is bounded; how long they take does not matter.

const JOURNEYS = 100;
const env = { SIMULATE: 'off' };

let shop: MovedShop;

beforeAll(async () => {
  shop = await moveShop({ topology: 'default', env, edit: withJourneys });
}, 120_000);
afterAll(() => shop.remove(), 120_000);

/** With so many journeys and no wish about their speed. */
function withJourneys(config: string): string {
  const profile = /(?<= {2}checkout:\n)[\s\S]*?(?=\n\n)/;
  expect(config).toMatch(profile);
  return config.replace(profile, (lines) =>
    lines
      .replace(/duration: .*/, 'duration: 10m')
      .replace(/warmup: .*/, `warmup: 0s\n    iterations: ${JOURNEYS}`)
      .replace(/thresholds: .*/, 'thresholds: []'),
  );
}

it('fifty customers at once leave no piece and no cent unaccounted for', async () => {
  const up = await shop.cli('up', '-d');
  expect(up.stderr).not.toContain('error');
  expect(up.code).toBe(0);
  const books = await openBooks(join(shop.folder, '.shopctl/data/default'));
  try {
    const load = await shop.cli('load', 'checkout', '--seed', '3', '--json');
    const { journeys, requests } = JSON.parse(load.stdout);
    expect(load).toMatchObject({ code: 0 });
    // A busy machine may let requests time out: then journeys fail, and the books have to be right nevertheless.
    expect(journeys).toMatchObject({ started: JOURNEYS, cut: 0 });
    expect(journeys.completed + journeys.failed).toBe(JOURNEYS);
    await expect
      .poll(() => books.unsettled(), { timeout: 120_000, interval: 250 })
      .toEqual({
        'checkouts that are not over': 0,
        'orders in an intermediate state': 0,
        'payments that are not over': 0,
      });
    expect(await books.findings()).toEqual({});
    const totals = await books.totals();
    // Something of everything has happened, or the audits would have had nothing to look at.
    const placed = requests.find(({ name }: { name: string }) => name === 'order');
    expect(totals['orders confirmed']).toBeGreaterThan(0);
    expect(totals['orders refunded']).toBeGreaterThan(0);
    expect(totals['orders failed']).toBeGreaterThanOrEqual(placed.statuses['409'] ?? 0);
    expect((totals['orders confirmed'] ?? 0) + (totals['orders refunded'] ?? 0)).toBeGreaterThanOrEqual(
      placed.statuses['201'],
    );
    await expectToBeSeen(books);
  } finally {
    await books.close();
  }
}, 300_000);

/** The audits see each of these mistakes, which are made and taken back again. */
async function expectToBeSeen(books: Books): Promise<void> {
  const mistakes = {
    "update inventory.stock set available = available + 1 where product_id = '1'": [
      'pieces that appeared or vanished',
    ],
    "update orders set status = 'paid' where status = 'confirmed'": [
      'orders in an intermediate state',
      'pieces sold that are in no confirmed order, or the other way round',
    ],
    "update orders set status = 'failed' where status = 'confirmed'": [
      'pieces sold that are in no confirmed order, or the other way round',
      'reservations kept by orders that are off',
      'money kept for orders that are off',
    ],
    "update payments.payments set amount = amount + 1 where status = 'completed'": [
      'confirmed orders without exactly one captured payment of their total',
    ],
    'delete from payments.refunds': [
      'refunded orders without exactly one payment of their total that went back once',
    ],
    "update payments.card_charges set state = 'captured' where state = 'refunded'": [
      'refunded orders without exactly one payment of their total that went back once',
      'money kept for orders that are off',
    ],
    "update payments.payments set order_id = 'nobody' where seq = 1": ['payments of no order'],
    'delete from inventory.reservations': ['confirmed orders without their stock'],
  };
  for (const [mistake, audits] of Object.entries(mistakes))
    expect(await books.findingsAfter(mistake), mistake).toEqual(expect.arrayContaining(audits));
}
