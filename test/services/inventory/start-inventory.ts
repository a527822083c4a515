import { createInventoryApp } from '../../../services/inventory/app.ts';
import { type Clock, systemClock } from '../../../services/kit/clock.ts';
import { type Answered, ask } from '../ask.ts';
import { type RunningService, type StartOptions, startService } from '../start-service.ts';

export const startInventory = (options: StartOptions = {}): Promise<RunningService> =>
  startService('inventory', createInventoryApp, options);

interface Item {
  product_id: string | number;
  quantity: number;
}

/** What a test asks of one inventory service. Every order and product that it names is its own. */
export function talkTo(inventory: RunningService) {
  const post = (path: string, body: object, key?: string): Promise<Answered> =>
    ask('POST', `${inventory.url}/inventory/${path}`, {
      body,
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });
  return {
    reserve: (order_id: string, items: Item[], key?: string) => post('reserve', { order_id, items }, key),
    confirm: (order_id: string, key?: string) => post('confirm', { order_id }, key),
    release: (order_id: string, key?: string) => post('release', { order_id }, key),
    setStock: (id: string, available: number) =>
      ask('PUT', `${inventory.url}/inventory/${id}`, { body: { available } }),
    stock: async (id: string) => (await ask('GET', `${inventory.url}/inventory/${id}`)).body,
  };
}

/** A clock that stands still until the test moves it; waiting takes next to no real time. */
export function handClock(startMs: number): Clock & { forward(ms: number): void } {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    sleep: (_ms, signal) => systemClock.sleep(5, signal),
    forward: (ms) => {
      nowMs += ms;
    },
  };
}
