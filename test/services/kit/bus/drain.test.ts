import { expect, it, vi } from 'vitest';
import { envelopeText, openBroker, patience } from './broker.ts';
import { describeWithBroker } from './broker-url.ts';
import { anything, effect, ownFolder, type Station, startStation } from './station.ts';

const queue = 'payments.order.created';

const until = async (station: Station, subjects: string[]) =>
  await vi.waitFor(async () => expect(await station.effects()).toEqual(subjects), patience);

/** Resolves when somebody says so. */
function gate() {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), passed };
}

describeWithBroker('stopping', () => {
  it('finishes what is being handled, publishes what came of it, and leaves the rest in the queue', async () => {
    const broker = await openBroker({ consumers: ['notifications'] });
    const folder = await ownFolder();
    const begun = gate();
    const mayEnd = gate();
    const station = await startStation({
      bus: broker.settings,
      folder,
      consumers: (bus) =>
        bus.consume({
          queue,
          read: anything,
          prefetch: 1,
          prepare: async () => {
            begun.open();
            await mayEnd.passed;
          },
          apply: async (event, transaction) => {
            await effect(event, transaction);
            await bus.publishLater(transaction, { type: 'payment.processed', subject: 'told', data: {} });
          },
        }),
    });
    await station.publish('order.created', 'first');
    await begun.passed;
    const { name } = broker.topology.queue(queue);
    await broker.send(name, envelopeText('order.created', 'second'));
    // The broker is told to send no more before the first one is let go, so that the second can never be taken.
    const stopped = station.stop();
    mayEnd.open();
    await stopped;
    await vi.waitFor(async () => expect(await broker.depth(name)).toBe(1), patience);
    const again = await startStation({
      bus: broker.settings,
      folder,
      consumers: (bus) => bus.consume({ queue, read: anything, handle: effect }),
    });
    await until(again, ['first', '42']);
    const told = await broker.take(broker.topology.queue('notifications.payment.processed').name);
    expect(JSON.parse(told.content.toString())).toMatchObject({ subject: 'told' });
  });

  it('gives up a handler that finds no end; the next process gets its event', async () => {
    const broker = await openBroker();
    const folder = await ownFolder();
    const begun = gate();
    const station = await startStation({
      bus: broker.settings,
      folder,
      consumers: (bus) =>
        bus.consume({
          queue,
          read: anything,
          prepare: async (_event, signal) => {
            begun.open();
            await new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason));
            });
          },
          apply: effect,
        }),
    });
    await station.publish('order.created', 'late');
    await begun.passed;
    await station.stop();
    const again = await startStation({
      bus: broker.settings,
      folder,
      consumers: (bus) => bus.consume({ queue, read: anything, handle: effect }),
    });
    await until(again, ['late']);
    expect(await broker.depth(broker.topology.queue(queue).dead)).toBe(0);
  });
});
