import { rm } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../services/kit/clock.ts';
import { createKeyedLock, openStore } from '../../../services/kit/index.ts';
import { createLogger } from '../../../services/kit/log.ts';
import {
  checkoutMigrations,
  createCancelling,
  createCheckoutStore,
  createSaga,
} from '../../../services/orders/checkout/index.ts';
import { createOrdersStore, ordersMigrations } from '../../../services/orders/store.ts';
import { placeIn } from '../databases.ts';
import { temporaryFolder } from '../start-service.ts';

/** An order that a crash left after its reservation, with the payment asked for or not; nothing runs in the background. */
async function startInterrupted(step: 'reserve' | 'pay') {
  const folder = await temporaryFolder();
  const store = await openStore({
    ...placeIn(folder, 'orders'),
    migrations: [...ordersMigrations, ...checkoutMigrations],
  });
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  const calls: string[] = [];
  const note = (call: string) => async () => void calls.push(call);
  const orders = createOrdersStore(store);
  const checkouts = createCheckoutStore(store);
  const now = new Date(0).toISOString();
  const status = step === 'reserve' ? 'created' : 'reserved';
  await store.transaction(async (transaction) => {
    await orders.insert(transaction, {
      id: '1',
      user_id: '1',
      items: JSON.stringify([{ product_id: '1', quantity: 2, price: 1_000 }]),
      total: 2_000,
      status,
      user_email: null,
      shipping_address: null,
      processing_duration_ms: null,
      created_at: now,
      updated_at: now,
    });
    await checkouts.insert(transaction, {
      order_id: '1',
      mode: 'sync',
      step,
      verdict: 'failed',
      failure: null,
      card_token: 'tok_ok',
      cart_version: null,
      idempotency_key: null,
      fingerprint: null,
      attempts: 0,
      started_at: now,
      deadline: null,
      has_stock: 1,
    });
  });
  const parts = {
    store,
    orders,
    checkouts,
    clock: systemClock,
    log: createLogger('orders', 'silent'),
    stockRoom: { reserve: note('reserve'), confirm: note('confirm'), release: note('release') },
    cardDesk: { charge: note('charge'), close: note('close') },
    baskets: {
      ofCart: async () => ({ items: [], cartVersion: 0 }),
      ofItems: async () => ({ items: [], cartVersion: null }),
      asGiven: () => ({ items: [], cartVersion: null }),
      clearCart: note('clear'),
    },
    news: { created: async () => undefined, moved: async () => undefined },
  };
  const cancelling = createCancelling({
    ...parts,
    saga: createSaga(parts),
    directory: { emailOf: async () => 'a@example.com' },
    lock: createKeyedLock(),
    newId: async () => '2',
    leftUnfinished: () => undefined,
  });
  return { cancelling, calls, checkout: () => checkouts.find(store.read, '1') };
}

it('closes the payments of an order that may just have been paid, frees its stock, and forgets the card', async () => {
  const { cancelling, calls, checkout } = await startInterrupted('pay');
  expect(await cancelling.cancel('1')).toMatchObject({ status: 'cancelled' });
  expect(calls).toEqual(['close', 'release']);
  expect(await checkout()).toMatchObject({ step: 'done', card_token: null });
  expect(await cancelling.cancel('1')).toMatchObject({ status: 'cancelled' });
  expect(calls).toHaveLength(2);
});

it('has nothing to say to payments about an order that never got that far', async () => {
  const { cancelling, calls } = await startInterrupted('reserve');
  expect(await cancelling.cancel('1')).toMatchObject({ status: 'cancelled' });
  expect(calls).toEqual(['release']);
});
