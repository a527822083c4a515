import { expect, it } from 'vitest';
import type { BrokerFaults } from '../../../src/broker/embedded/index.ts';
import { tradeOn } from './ledger.ts';

/** What the same customers leave behind where nothing goes wrong. */
let undisturbed: ReturnType<typeof tradeOn> | undefined;

const minutes = 60_000;

it('trade leaves an order, a payment and each mail once where nothing goes wrong', {
  timeout: 10 * minutes,
}, async () => {
  undisturbed = tradeOn({});
  const { ledger } = await undisturbed;
  expect(ledger.orders).toHaveLength(24);
  const paid = ledger.orders.filter(({ status }) => status === 'confirmed' || status === 'refunded');
  expect(paid).toHaveLength(12);
  expect(ledger.refunds).toHaveLength(4);
  expect(new Set(ledger.mails).size).toBe(ledger.mails.length);
  expect(ledger.mails.filter((mail) => mail.includes('confirmed'))).toHaveLength(12);
  expect(ledger.counts).toMatchObject({ orders: { total: 24 }, totals: { payments: 12, refunds: 4 } });
});

const unruly: [string, BrokerFaults][] = [
  ['delivers every message twice', { duplicate: 1 }],
  ['delivers every message twice and in any order', { duplicate: 1, reorder: 1 }],
  [
    'delivers every message twice, and half of them late',
    { duplicate: 1, delay: { share: 0.5, maxMs: 200 } },
  ],
];

it.each(unruly)(
  'no balance, stock, count or mail differs on a broker that %s',
  { timeout: 15 * minutes },
  async (_, faults) => {
    undisturbed ??= tradeOn({});
    const calm = await undisturbed;
    const { ledger, deliveries } = await tradeOn(faults);
    expect(deliveries).toBeGreaterThanOrEqual(2 * calm.deliveries);
    expect(ledger).toEqual(calm.ledger);
  },
);
