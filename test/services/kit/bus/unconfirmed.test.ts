import { expect, it, onTestFinished, vi } from 'vitest';
import { startBroker } from '../../../../src/broker/embedded/index.ts';
import { seededRandom } from '../../../../src/lib/random.ts';
import { ask } from '../../ask.ts';
import { openBroker, patience } from './broker.ts';
import { anything, effect, startStation } from './station.ts';

const queue = 'payments.order.created';

/** A service that publishes to itself, on a broker that takes every message and confirms none. */
async function startUnconfirmed() {
  const unconfirming = await startBroker({
    host: '127.0.0.1',
    port: 0,
    random: seededRandom(7),
    faults: { withholdConfirm: 1 },
  });
  onTestFinished(() => unconfirming.close());
  const broker = await openBroker({ url: unconfirming.url, confirmTimeoutMs: 300 });
  const station = await startStation({
    bus: broker.settings,
    consumers: (bus) => bus.consume({ queue, read: anything, handle: effect }),
  });
  const consumed = async (outcome: string) => {
    const { text } = await ask('GET', `${station.service.url}/metrics`);
    const { name } = broker.topology.queue(queue);
    const line = new RegExp(`^events_consumed_total\\{queue="${name}",outcome="${outcome}"\\} (\\d+)$`, 'm');
    return Number(line.exec(text)?.[1] ?? 0);
  };
  return { unconfirming, station, consumed };
}

it('events that are never confirmed are published again over a new connection, and have their effect once', async () => {
  const { unconfirming, station, consumed } = await startUnconfirmed();
  const subjects = ['1', '2', '3'];
  for (const subject of subjects) await station.publish('order.created', subject);
  await vi.waitFor(() => {
    const lost = station.service.logged.filter(
      ({ reason, msg }) =>
        msg === 'no connection to the broker' && reason === 'the broker does not confirm a message',
    );
    expect(lost.length).toBeGreaterThan(1);
  }, patience);
  // Taken over by the broker, and nobody could know.
  await vi.waitFor(async () => expect(await consumed('duplicate')).toBeGreaterThan(0), patience);
  expect(await station.store.read('outbox').pluck('id')).toHaveLength(subjects.length);
  unconfirming.setFaults({});
  await vi.waitFor(async () => expect(await station.store.read('outbox')).toEqual([]), patience);
  await vi.waitFor(() => {
    const { queues } = unconfirming.stats();
    expect(queues.filter(({ ready, unacked }) => ready + unacked > 0)).toEqual([]);
  }, patience);
  expect((await station.effects()).sort()).toEqual(subjects);
  // One connection at a time, however many were given up.
  await vi.waitFor(() => expect(unconfirming.stats().connections).toBe(2), patience);
});
