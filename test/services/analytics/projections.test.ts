import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEventLog } from '../../../services/analytics/event-log.ts';
import { createNumbers, type Numbers } from '../../../services/analytics/numbers.ts';
import { createProjections, type Projections } from '../../../services/analytics/projections.ts';
import { analyticsMigrations } from '../../../services/analytics/store.ts';
import { readTold } from '../../../services/analytics/told.ts';
import { openStore, type Store } from '../../../services/kit/index.ts';
import { temporaryFolder } from '../start-service.ts';
import {
  anyHistory,
  boughtAndReturned,
  orderData,
  paymentData,
  redelivered,
  type Told,
  told,
  userData,
} from './event-histories.ts';

// Some thousand transactions, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 240_000 });

const now = Date.UTC(2026, 2, 1, 12, 1, 0);

let folder: string;
let store: Store;
let projections: Projections;
let numbers: Numbers;
beforeAll(async () => {
  folder = await temporaryFolder();
  store = await openStore({ file: join(folder, 'analytics.db'), migrations: analyticsMigrations });
  const log = createEventLog(store);
  const clock = { now: () => now, sleep: () => Promise.reject(new Error('nothing waits here')) };
  numbers = createNumbers({ store, log, clock });
  projections = createProjections({ store, log });
});
beforeEach(forget);
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const keys = {
  order_metrics: ['order_id'],
  revenue_days: ['day'],
  status_counts: ['status'],
  user_numbers: ['user_id'],
  user_products: ['user_id', 'product_id'],
  user_sightings: ['user_id'],
};

async function forget(): Promise<void> {
  for (const table of ['events', ...Object.keys(keys)]) await store.read(table).delete();
}

async function hear(...events: Told[]): Promise<void> {
  for (const event of events) {
    const read = { ...event, data: readTold(event.data, event.type) };
    await store.transaction((transaction) => projections.record(transaction, read));
  }
}

/** Every byte of every projection. */
async function dump(): Promise<string> {
  const tables: unknown[] = [];
  for (const [table, columns] of Object.entries(keys))
    tables.push([table, await store.read(table).orderBy(columns)]);
  return JSON.stringify(tables, null, 1);
}

const page = { limit: 10, offset: 0 };

describe('an order', () => {
  it('has a document that says what is known of it', async () => {
    await hear(...boughtAndReturned('o1').slice(0, 4));
    expect(await projections.find('o1')).toEqual({
      id: 'order-o1',
      orderId: 'o1',
      amount: '25.50',
      userId: '1',
      timestamp: '2026-03-01T12:00:01.000Z',
      metadata: {
        status: 'confirmed',
        items: [
          { product_id: '7', quantity: 2 },
          { product_id: '8', quantity: 1 },
        ],
        payments: [{ id: 'p-o1', amount: '25.50', time: '2026-03-01T12:00:02.000Z' }],
        refunds: [],
        failed_payments: 0,
        reason: null,
        mode: 'sync',
        last_event_at: '2026-03-01T12:00:04.000Z',
        events: 4,
      },
    });
    expect(await projections.find('o2')).toBeUndefined();
  });

  it.each([
    ['created', ['order.created']],
    ['created', ['order.created', 'payment.failed']],
    ['paid', ['order.created', 'payment.processed']],
    ['confirmed', ['order.created', 'payment.processed', 'order.paid', 'order.confirmed']],
    ['shipped', ['order.created', 'payment.processed', 'order.confirmed', 'order.shipped']],
    ['cancelled', ['order.created', 'order.cancelled']],
    ['refunded', ['order.created', 'payment.processed', 'order.cancelled', 'payment.refunded']],
    ['failed', ['order.created', 'payment.processed', 'order.failed', 'payment.refunded']],
  ])('is %s after %j, whichever came first', async (status, types) => {
    const events = types.map((type, index) => {
      const data = type.startsWith('payment.') ? paymentData('o1') : orderData('o1');
      return told(`e${index}`, type, 'o1', data, index);
    });
    await hear(...events);
    const forwards = await dump();
    expect((await numbers.ofOrders()).orders).toMatchObject({ total: 1, by_status: { [status]: 1 } });
    await forget();
    await hear(...events.toReversed());
    expect(await dump()).toBe(forwards);
  });

  it('of which money went back in part stays what it was', async () => {
    const [created, processed] = boughtAndReturned('o1');
    if (created === undefined || processed === undefined) throw new Error('the history is too short');
    const part = told('r1', 'payment.refunded', 'o1', paymentData('o1', '1', { amount: '5.50' }), 9);
    await hear(part, created, processed);
    expect((await projections.find('o1'))?.metadata).toMatchObject({ status: 'paid' });
    expect((await numbers.ofOrders()).totals).toMatchObject({
      processed: '25.50',
      refunded: '5.50',
      net: '20.00',
    });
  });
});

describe('the numbers', () => {
  it('tell revenue by the days on which money came and went, and of days without any', async () => {
    await hear(...boughtAndReturned('o1'), ...boughtAndReturned('o2').slice(0, 2));
    const nothing = { payments: 0, refunds: 0, processed: '0.00', refunded: '0.00', net: '0.00' };
    expect(await numbers.revenue('2026-02-28', '2026-03-02')).toEqual({
      days: [
        { day: '2026-02-28', ...nothing },
        { day: '2026-03-01', ...nothing, payments: 2, processed: '51.00', net: '51.00' },
        { day: '2026-03-02', ...nothing, refunds: 1, refunded: '25.50', net: '-25.50' },
      ],
      total: { payments: 2, refunds: 1, processed: '51.00', refunded: '25.50', net: '25.50' },
    });
  });

  it('count what happened in the last minute, and neither before nor in a future of other clocks', async () => {
    const created = (id: string, at: string) => told(id, 'order.created', id, orderData(id), at);
    await hear(
      created('before', '2026-03-01T12:00:00.000Z'),
      created('within', '2026-03-01T12:00:00.001Z'),
      created('now', '2026-03-01T13:01:00+01:00'),
      created('after', '2026-03-01T12:01:00.001Z'),
      told('f', 'payment.failed', 'now', paymentData('now'), 30),
    );
    const { last_minute, orders } = await numbers.ofOrders();
    expect(last_minute).toEqual({ orders: 2, payments: 0, failed_payments: 1, refunds: 0 });
    expect(orders.total).toBe(4);
  });

  it('tell of each user what was bought and kept, and when they were last heard of', async () => {
    await hear(
      ...boughtAndReturned('o1').slice(0, 4),
      ...boughtAndReturned('o2'),
      told(
        'c',
        'order.created',
        'o3',
        orderData('o3', '1', { items: [{ product_id: '9', quantity: 99, price: '0.01' }] }),
        5,
      ),
      told('u', 'user.created', '2', userData('2', 'bob@example.com'), 6),
    );
    const { rows, total } = await numbers.behavior(page, undefined);
    expect(total).toBe(2);
    expect(rows).toEqual([
      {
        user_id: '1',
        orders: 3,
        paid_orders: 2,
        spent: '25.50',
        average: '12.75',
        last_seen: '2026-03-02T09:00:00.000Z',
        favorites: [
          { product_id: '7', quantity: 2 },
          { product_id: '8', quantity: 1 },
        ],
      },
      {
        user_id: '2',
        orders: 0,
        paid_orders: 0,
        spent: '0.00',
        average: '0.00',
        last_seen: '2026-03-01T12:00:06.000Z',
        favorites: [],
      },
    ]);
    expect((await numbers.behavior(page, '2')).rows.map(({ user_id }) => user_id)).toEqual(['2']);
    expect((await numbers.behavior({ limit: 1, offset: 1 }, undefined)).rows).toHaveLength(1);
  });

  it('hold more money than 32 bits of cents', async () => {
    const amount = '999999999999.99';
    for (const id of ['a', 'b'])
      await hear(told(id, 'payment.processed', id, paymentData(id, '1', { amount })));
    expect((await numbers.ofOrders()).totals.processed).toBe('1999999999999.98');
  });
});

describe('whatever happened', () => {
  it('the projections do not depend on the order in which it was heard, nor on how often', async () => {
    const cases = anyHistory.chain((history) => fc.tuple(fc.constant(history), redelivered(history)));
    await fc.assert(
      fc.asyncProperty(cases, async ([history, delivered]) => {
        await forget();
        await hear(...history);
        const expected = await dump();
        await forget();
        await hear(...delivered);
        expect(await dump()).toBe(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('a rebuild gives the same bytes, also from projections that were spoilt', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async (history) => {
        await forget();
        await hear(...history);
        const expected = await dump();
        await store.read('status_counts').update({ orders: 77 });
        await store.read('order_metrics').delete();
        const orders = new Set(
          history.filter(({ type }) => !type.startsWith('user.')).map((one) => one.subject),
        );
        expect(await projections.rebuild()).toEqual({ events: history.length, orders: orders.size });
        expect(await dump()).toBe(expected);
      }),
      { numRuns: 25 },
    );
  });
});

describe('of an event', () => {
  it('no card, name or address is kept, wherever it stands', async () => {
    const data = orderData('o1', '1', {
      payment_method: { type: 'card', token: 'tok_secret' },
      username: 'alice',
      shipping_address: 'Some Street 1',
    });
    await hear(
      told('e', 'order.created', 'o1', data),
      told('u', 'user.created', '1', { ...userData('1', 'alice@example.com'), username: 'alice' }),
    );
    const kept = JSON.stringify([await store.read('events'), await dump()]);
    for (const secret of ['tok_secret', 'alice', 'Street']) expect(kept).not.toContain(secret);
    expect(kept).toContain('*@example.com');
  });

  it.each([
    ['order.created', orderData('o1', '1', { total: '12.345' }), '#/total must match pattern'],
    ['payment.processed', paymentData('o1', '1', { amount: 'a lot' }), '#/amount must match pattern'],
    ['payment.refunded', paymentData('o1', '1', { amount: undefined }), '# must have required property'],
    [
      'order.created',
      orderData('o1', '1', { items: [{ product_id: '7', quantity: 0, price: '1.00' }] }),
      '#/items/0/quantity must be >= 1',
    ],
    ['order.created', 'text', '# must be object'],
    // A sentence may quote whom and what it is about.
    ['order.failed', orderData('o1', '1', { reason: 'bob@example.com: tok_x' }), '#/reason must match'],
  ])('%s with %j is refused, because it is not as documented', (type, data, complaint) => {
    expect(() => readTold(data, type)).toThrow(complaint);
  });

  it('a time that is of no age of this shop is refused', async () => {
    await expect(
      hear(told('e', 'order.created', 'o1', orderData('o1'), '+012026-01-01T00:00:00.000Z')),
    ).rejects.toThrow('The time of the event is not of this age.');
    expect(await store.read('events')).toEqual([]);
  });
});
