import { randomUUID } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { type Bus, Unprocessable } from '../../../../services/kit/index.ts';
import { ask } from '../../ask.ts';
import { type Broker, envelopeText, openBroker, patience } from './broker.ts';
import { describeWithBroker } from './broker-url.ts';
import { anything, effect, type Station, startStation } from './station.ts';

const queue = 'payments.order.created';

/** One that fails for the data `{ poison: true }` and has its effect for everything else. */
const touchy = (bus: Bus) =>
  bus.consume({
    queue,
    read: readPoison,
    handle: async (event, transaction) => {
      await effect(event, transaction);
      if (event.data.poison) throw new Error('this one never works');
    },
  });

function readPoison(data: unknown): { poison: boolean } {
  const { poison = false } = Object(data);
  if (typeof poison !== 'boolean') throw new Error('#/poison must be boolean');
  return { poison };
}

/** The queue is there as soon as the service is connected. */
async function connected({ service }: Station): Promise<void> {
  await vi.waitFor(async () => {
    const { text } = await ask('GET', `${service.url}/metrics`);
    expect(text).toMatch(/^broker_connected 1$/m);
  }, patience);
}

const until = async (station: Station, subjects: string[]) =>
  await vi.waitFor(async () => expect(await station.effects()).toEqual(subjects), patience);

const names = ({ topology }: Broker) => topology.queue(queue);

describeWithBroker('consuming', () => {
  it('a duplicate is acknowledged and has no second effect', async () => {
    const broker = await openBroker();
    const station = await startStation({ bus: broker.settings, consumers: touchy });
    await connected(station);
    const { name } = names(broker);
    const twice = envelopeText('order.created', randomUUID());
    for (const text of [twice, twice, twice]) await broker.send(name, text);
    await vi.waitFor(async () => {
      const { text } = await ask('GET', `${station.service.url}/metrics`);
      expect(text).toContain(`events_consumed_total{queue="${name}",outcome="duplicate"} 2`);
      expect(text).toContain(`events_consumed_total{queue="${name}",outcome="done"} 1`);
    }, patience);
    expect(await station.effects()).toEqual(['42']);
    expect(await station.store.read('inbox').pluck('consumer')).toEqual([queue]);
  });

  it('an event that always fails ends with the dead letters after all attempts, and leaves no trace', async () => {
    const broker = await openBroker({ retryDelaysMs: [1, 2, 4] });
    const station = await startStation({ bus: broker.settings, consumers: touchy });
    await connected(station);
    const { name, dead } = names(broker);
    const poison = envelopeText('order.created', 'poison-1', { poison: true });
    await broker.send(name, poison);
    const message = await broker.take(dead);
    expect(message.content.toString()).toBe(poison);
    expect(message.properties.headers).toMatchObject({
      'x-attempts': 4,
      'x-error': 'Error: this one never works',
      'x-first-failed-at': expect.stringMatching(/^20\d\d-/),
      'x-queue': name,
    });
    expect(await station.effects()).toEqual([]);
    expect(await station.store.read('inbox')).toEqual([]);
  });

  it('a failed event waits in a queue of its own while the others go on', async () => {
    const broker = await openBroker({ retryDelaysMs: [600_000] });
    const station = await startStation({ bus: broker.settings, consumers: touchy });
    await connected(station);
    const { name } = names(broker);
    await broker.send(name, envelopeText('order.created', 'poison-1', { poison: true }));
    await broker.send(name, envelopeText('order.created', 'fine-1'));
    await until(station, ['42']);
    const waiting = await broker.take(`${name}.retry.10m`);
    expect(waiting.properties.headers).toMatchObject({ 'x-attempts': 1 });
  });

  it('an event that fails at first has its effect once when it works', async () => {
    const broker = await openBroker();
    let failures = 2;
    const station = await startStation({
      bus: broker.settings,
      consumers: (bus) =>
        bus.consume({
          queue,
          read: anything,
          handle: async (event, transaction) => {
            await effect(event, transaction);
            if (failures > 0) {
              failures -= 1;
              throw new Error('not yet');
            }
          },
        }),
    });
    await connected(station);
    await broker.send(names(broker).name, envelopeText('order.created'));
    await until(station, ['42']);
    expect(failures).toBe(0);
  });

  it.each([
    ['no JSON', 'not JSON at all', 'The message is not a JSON object.'],
    ['no envelope', '{"orderId": 7}', 'The envelope is not valid: "specversion" must be "1.0".'],
    [
      'a foreign type',
      envelopeText('user.created'),
      'Nobody here knows what to do with an event user.created.',
    ],
    [
      'wrong data',
      envelopeText('order.created', 'e-1', { poison: 'secret value' }),
      'The data of order.created is not what it should be: #/poison must be boolean',
    ],
  ])('a message with %s is dead at once', async (_title, content, complaint) => {
    const broker = await openBroker({ retryDelaysMs: [600_000] });
    const station = await startStation({ bus: broker.settings, consumers: touchy });
    await connected(station);
    const { name, dead } = names(broker);
    await broker.send(name, content);
    const message = await broker.take(dead);
    expect(message.content.toString()).toBe(content);
    expect(message.properties.headers).toMatchObject({
      'x-attempts': 1,
      'x-error': `Unprocessable: ${complaint}`,
    });
    expect(await station.effects()).toEqual([]);
  });

  it('a handler that says so sends an event to the dead letters without another attempt', async () => {
    const broker = await openBroker({ retryDelaysMs: [600_000] });
    const station = await startStation({
      bus: broker.settings,
      consumers: (bus) =>
        bus.consume({
          queue,
          read: anything,
          handle: () => Promise.reject(new Unprocessable('The order is in an unknown currency.')),
        }),
    });
    await connected(station);
    await broker.send(names(broker).name, envelopeText('order.created'));
    expect((await broker.take(names(broker).dead)).properties.headers).toMatchObject({
      'x-attempts': 1,
      'x-error': 'Unprocessable: The order is in an unknown currency.',
    });
  });

  it('what is prepared outside of the transaction is what the effect is made of', async () => {
    const broker = await openBroker();
    const prepared: string[] = [];
    const committed: string[] = [];
    const station = await startStation({
      bus: broker.settings,
      consumers: (bus, store) =>
        bus.consume({
          queue,
          read: anything,
          prepare: async ({ id, subject }) => {
            prepared.push(id);
            // The only connection of the database is free meanwhile; inside the transaction this would wait for ever.
            await store.ping();
            return `charged ${subject}`;
          },
          apply: (_event, transaction, subject) => effect({ subject }, transaction),
          committed: ({ id }) => committed.push(id),
        }),
    });
    await connected(station);
    const content = envelopeText('order.created', 'e-1');
    await broker.send(names(broker).name, content);
    await until(station, ['charged 42']);
    await broker.send(names(broker).name, content);
    await vi.waitFor(async () => {
      const { text } = await ask('GET', `${station.service.url}/metrics`);
      expect(text).toContain('outcome="duplicate"} 1');
    }, patience);
    expect({ prepared, committed }).toEqual({ prepared: ['e-1'], committed: ['e-1'] });
  });

  it('takes all events where the queue is for all', async () => {
    const broker = await openBroker();
    const station = await startStation({
      bus: broker.settings,
      consumers: (bus) =>
        bus.consume({ queue: 'analytics.all.events', read: anything, prefetch: 1, handle: effect }),
    });
    await station.publish('user.created', 'u');
    await station.publish('order.shipped', 'o');
    await station.publish('payment.refunded', 'p');
    await until(station, ['u', 'o', 'p']);
  });

  it('what a handler publishes is committed with its effect', async () => {
    const broker = await openBroker();
    const station = await startStation({
      bus: broker.settings,
      consumers: (bus) => {
        bus.consume({
          queue,
          read: anything,
          handle: async ({ subject }, transaction) =>
            await bus.publishLater(transaction, { type: 'payment.processed', subject, data: {} }),
        });
        bus.consume({ queue: 'orders.payment.processed', read: anything, handle: effect });
      },
    });
    await station.publish('order.created', 'chain');
    await until(station, ['chain']);
  });

  it('a simulated failure is an attempt that had no effect', async () => {
    const broker = await openBroker();
    const station = await startStation({
      bus: broker.settings,
      simulation: { latency: undefined, failureRate: 1 },
      consumers: touchy,
    });
    await connected(station);
    await broker.send(names(broker).name, envelopeText('order.created'));
    const message = await broker.take(names(broker).dead);
    expect(message.properties.headers?.['x-error']).toMatch(/^simulated-failure: /);
    expect(await station.effects()).toEqual([]);
    expect((await ask('GET', `${station.service.url}/metrics`)).text).toContain(
      'simulated_failures_total{method="CONSUME",endpoint="order.created"} 4',
    );
  });

  it('a consumer can be made to fail by hand while the service runs', async () => {
    const broker = await openBroker();
    const station = await startStation({ bus: broker.settings, takesFaults: true, consumers: touchy });
    await connected(station);
    const body = { routes: { 'CONSUME order.created': { failure_rate: '100%' } } };
    expect((await ask('PUT', `${station.service.url}/_simulate`, { body })).status).toBe(200);
    await broker.send(names(broker).name, envelopeText('order.created'));
    const message = await broker.take(names(broker).dead);
    expect(message.properties.headers?.['x-error']).toMatch(/^simulated-failure: /);
  });

  it('tells how long the queues are', async () => {
    const broker = await openBroker();
    const station = await startStation({ bus: broker.settings, consumers: touchy });
    await connected(station);
    const { name, dead } = names(broker);
    await broker.send(name, 'nonsense');
    await vi.waitFor(async () => {
      const { text } = await ask('GET', `${station.service.url}/metrics`);
      expect(text).toContain(`queue_depth{queue="${name}"} 0`);
      expect(text).toContain(`queue_depth{queue="${dead}"} 1`);
    }, patience);
  });
});

it('a queue has one consumer in a service', async () => {
  const station = await startStation({ consumers: touchy });
  expect(() => touchy(station.bus)).toThrow('has a consumer already');
});
