import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningService } from '../start-service.ts';
import { handClock, startInventory, talkTo } from './start-inventory.ts';

const ttlMs = 1_000;
const clock = handClock(Date.UTC(2026, 0, 1));
let inventory: RunningService;
let run = 0;
beforeAll(async () => {
  inventory = await startInventory({ clock, settings: { RESERVATION_TTL: `${ttlMs}ms` } });
});
afterAll(async () => {
  await inventory.stop();
});

const order = fc.integer({ min: 0, max: 3 });
const quantities = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 6 }));
const step = fc.oneof(
  fc.record({ verb: fc.constant('reserve' as const), order, quantities }),
  fc.record({ verb: fc.constantFrom('confirm' as const, 'release' as const), order }),
  fc.record({ verb: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: ttlMs }) }),
);

it('whatever is asked, in whatever order and at once, pieces only change their shelf', async () => {
  const shop = talkTo(inventory);
  const course = fc.asyncProperty(
    fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 6 }),
    async (rounds) => {
      run += 1;
      const products = [`a-${run}`, `b-${run}`];
      for (const product of products) await shop.setStock(product, 10);
      for (const round of rounds) {
        await Promise.all(
          round.map(async (one) => {
            if (one.verb === 'wait') return clock.forward(one.ms);
            const id = `o-${run}-${one.order}`;
            if (one.verb !== 'reserve') return await shop[one.verb](id);
            const items = products.map((product_id, index) => ({
              product_id,
              quantity: one.quantities[index] ?? 0,
            }));
            return await shop.reserve(
              id,
              items.filter(({ quantity }) => quantity > 0),
            );
          }),
        );
        for (const product of products) {
          const stock = await shop.stock(product);
          const shelves = [stock['available'], stock['reserved'], stock['sold']].map(Number);
          expect(shelves.reduce((sum, pieces) => sum + pieces, 0)).toBe(10);
          expect(Math.min(...shelves)).toBeGreaterThanOrEqual(0);
        }
      }
      for (const number of [0, 1, 2, 3]) await shop.release(`o-${run}-${number}`);
      for (const product of products) expect(await shop.stock(product)).toMatchObject({ available: 10 });
    },
  );
  await fc.assert(course, { numRuns: 25 });
});
