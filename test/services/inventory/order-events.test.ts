import { expect, it, onTestFinished, vi } from 'vitest';
import { examples } from '../../../services/kit/events/examples.ts';
import type { EventType } from '../../../services/kit/index.ts';
import { ask } from '../ask.ts';
import { envelopeText, openBroker, patience } from '../kit/bus/broker.ts';
import { describeWithBroker } from '../kit/bus/broker-url.ts';
import { startInventory } from '../start-shop.ts';

interface Told {
  items?: { product_id: string; quantity: number }[];
  mode?: 'sync' | 'async';
  id?: string;
}

/** Inventory on a broker, which is told of one event after the other. */
async function startStock() {
  const broker = await openBroker();
  const service = await startInventory({ bus: broker.settings });
  onTestFinished(service.stop);
  const queue = broker.topology.queue('inventory.order.created').name;
  const consumed = async () => {
    const { text } = await ask('GET', `${service.url}/metrics`);
    const counts = text.matchAll(/^events_consumed_total\{.*outcome="(?:done|duplicate)"\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  await vi.waitFor(() => broker.depth(queue), patience);
  let sent = 0;
  return {
    service,
    /** Resolves when it has had its effect, if any. */
    tell: async (type: EventType, { items, mode = 'async', id }: Told = {}) => {
      const pieces = items ?? [{ product_id: '1', quantity: 3 }];
      const priced = pieces.map((item) => ({ ...item, price: '1.00' }));
      const data = { ...examples['order.created'], order_id: '7', mode, items: priced };
      await broker.send(queue, envelopeText(type, id, data));
      sent += 1;
      await vi.waitFor(async () => expect(await consumed()).toBe(sent), patience);
    },
    stock: async (id = '1') => {
      const { body } = await ask('GET', `${service.url}/inventory/${id}`);
      const { available, reserved, sold } = body;
      return { available, reserved, sold };
    },
    dead: () => broker.depth(`${queue}.dead`),
  };
}

/** Product 1 has 27 pieces at first. */
const full = { available: 27, reserved: 0, sold: 0 };
const sold = { available: 24, reserved: 0, sold: 3 };

describeWithBroker('stock follows the events of an asynchronous order', () => {
  it.each<[string, EventType[], object]>([
    ['is reserved', ['order.created'], { available: 24, reserved: 3, sold: 0 }],
    ['is sold', ['order.created', 'order.confirmed'], sold],
    ['is free again', ['order.created', 'order.failed'], full],
    ['comes back', ['order.created', 'order.confirmed', 'order.cancelled'], full],
    [
      'is sold once when told twice',
      ['order.created', 'order.created', 'order.confirmed', 'order.confirmed'],
      sold,
    ],
    ['is sold once when told the wrong way round', ['order.confirmed', 'order.created'], sold],
    ['is not reserved late', ['order.failed', 'order.created'], full],
    ['is not sold late', ['order.created', 'order.cancelled', 'order.confirmed', 'order.created'], full],
    ['comes back once', ['order.created', 'order.cancelled', 'order.failed', 'order.cancelled'], full],
  ])('%s after %j', async (_what, types, expected) => {
    const stock = await startStock();
    for (const type of types) await stock.tell(type);
    expect(await stock.stock()).toEqual(expected);
    expect(await stock.dead()).toBe(0);
  });

  it('and knows an event again', async () => {
    const stock = await startStock();
    await stock.tell('order.created', { id: 'same' });
    await stock.tell('order.created', { id: 'same' });
    expect(await stock.stock()).toEqual({ available: 24, reserved: 3, sold: 0 });
  });

  it('all or nothing: what is short of one thing takes nothing of another', async () => {
    const stock = await startStock();
    const items = [
      { product_id: '1', quantity: 3 },
      { product_id: '2', quantity: 5_000 },
    ];
    await stock.tell('order.created', { items });
    expect(await stock.stock()).toEqual(full);
    await stock.tell('order.confirmed', { items });
    expect(await stock.stock()).toEqual(full);
    expect(await stock.dead()).toBe(0);
  });

  it('but not those of any other order, whose stock is asked for over HTTP', async () => {
    const stock = await startStock();
    await stock.tell('order.created', { mode: 'sync' });
    await stock.tell('order.confirmed', { mode: 'sync' });
    expect(await stock.stock()).toEqual(full);
  });

  it('and finds done what was asked for over HTTP', async () => {
    const stock = await startStock();
    const order = { order_id: '7' };
    const items = [{ product_id: '1', quantity: 3 }];
    const post = (what: string, body: object) =>
      ask('POST', `${stock.service.url}/inventory/${what}`, { body });
    expect((await post('reserve', { ...order, items })).status).toBe(201);
    await stock.tell('order.created');
    expect((await post('confirm', order)).status).toBe(200);
    await stock.tell('order.confirmed');
    expect(await stock.stock()).toEqual(sold);
    expect((await post('release', order)).status).toBe(200);
    await stock.tell('order.cancelled');
    expect(await stock.stock()).toEqual(full);
  });
});
