import { expect, it, onTestFinished } from 'vitest';
import { handClock, startInventory, talkTo } from './start-inventory.ts';

async function withTtl(ttlMs: number) {
  const clock = handClock(Date.UTC(2026, 0, 1));
  const inventory = await startInventory({ clock, settings: { RESERVATION_TTL: `${ttlMs}ms` } });
  onTestFinished(inventory.stop);
  return { clock, inventory, ...talkTo(inventory) };
}

it('a reservation that is not confirmed in time frees its stock', async () => {
  const { clock, reserve, stock, confirm } = await withTtl(60_000);
  const { body } = await reserve('late', [{ product_id: '1', quantity: 5 }]);
  expect(body['expires_at']).toBe('2026-01-01T00:01:00.000Z');
  clock.forward(59_999);
  expect(await stock('1')).toMatchObject({ available: 22, reserved: 5 });
  clock.forward(1);
  expect(await stock('1')).toMatchObject({ available: 27, reserved: 0 });
  const refused = await confirm('late');
  expect(refused.status).toBe(409);
  expect(refused.body).toMatchObject({
    type: 'urn:shop:problem:reservation-ended',
    reservation_status: 'expired',
  });
});

it('what has expired can be reserved by the next buyer at that very moment', async () => {
  const { clock, reserve, setStock, release } = await withTtl(1_000);
  await setStock('last', 1);
  const items = [{ product_id: 'last', quantity: 1 }];
  await reserve('first', items);
  expect((await reserve('second', items)).status).toBe(409);
  clock.forward(1_000);
  expect((await reserve('third', items)).status).toBe(201);
  const released = await release('first');
  expect([released.status, released.body['status']]).toEqual([200, 'expired']);
});

it('a confirmed reservation never expires', async () => {
  const { clock, reserve, confirm, stock } = await withTtl(1_000);
  await reserve('bought', [{ product_id: '1', quantity: 5 }]);
  await confirm('bought');
  clock.forward(3_600_000);
  expect(await stock('1')).toEqual({ product_id: '1', available: 22, reserved: 0, sold: 5 });
});

it('the background frees stock that nobody asks for', async () => {
  const { clock, inventory, reserve } = await withTtl(1_000);
  await reserve('forgotten', [{ product_id: '1', quantity: 5 }]);
  clock.forward(1_000);
  await expect
    .poll(() => inventory.logged.filter(({ msg }) => msg === 'reservations expired'))
    .toMatchObject([{ count: 1 }]);
});
