import { expect, it } from 'vitest';
import { retryLadder } from '../../../../services/kit/bus/retry.ts';
import {
  consumerNames,
  createTopology,
  eventTypes,
  queueNames,
  queuesOf,
  typesOf,
} from '../../../../services/kit/bus/topology.ts';

const plain = { prefix: '', keys: 'plain', renamed: {} } as const;

it('has the exchanges, keys and queues of the shop', () => {
  const topology = createTopology(plain);
  expect(topology.exchanges).toEqual(['user.events', 'order.events', 'payment.events']);
  expect(topology.deadLetters).toBe('dead.letters');
  expect(topology.addressOf('payment.processed')).toEqual({
    exchange: 'payment.events',
    key: 'payment.processed',
  });
  expect(topology.queue('payments.order.created')).toMatchObject({
    name: 'payments.order.created',
    dead: 'payments.order.created.dead',
    bindings: [{ exchange: 'order.events', key: 'order.created' }],
  });
  expect(topology.queue('analytics.all.events').bindings).toEqual(
    topology.exchanges.map((exchange) => ({ exchange, key: '#' })),
  );
});

it('qualifies keys and renames queues as the asynchronous checkout does', () => {
  const topology = createTopology({
    ...plain,
    keys: 'qualified',
    renamed: {
      'payments.order.created': 'payment_service_queue',
      'notifications.payment.processed': 'email_service_queue',
    },
  });
  expect(topology.queue('payments.order.created')).toMatchObject({
    name: 'payment_service_queue',
    bindings: [{ exchange: 'order.events', key: 'order.order.created' }],
  });
  expect(topology.queue('notifications.payment.processed')).toMatchObject({
    name: 'email_service_queue',
    dead: 'email_service_queue.dead',
    bindings: [{ exchange: 'payment.events', key: 'payment.payment.processed' }],
  });
});

it('a queue takes exactly the types that are led into it', () => {
  const topology = createTopology(plain);
  for (const name of queueNames) {
    const taken = eventTypes.filter((type) => topology.queue(name).takes(type));
    expect(taken).toEqual(eventTypes.filter((type) => typesOf(name).includes(type)));
    expect(taken).not.toEqual([]);
  }
});

it('every wait before another attempt has a queue named after it', () => {
  const queue = createTopology(plain).queue('auth.user.created');
  expect(retryLadder(queue, [250, 2_000, 90_000, 300_000])).toEqual([
    { name: 'auth.user.created.retry.250ms', delayMs: 250 },
    { name: 'auth.user.created.retry.2s', delayMs: 2_000 },
    { name: 'auth.user.created.retry.90s', delayMs: 90_000 },
    { name: 'auth.user.created.retry.5m', delayMs: 300_000 },
  ]);
});

it('every queue belongs to one of the services that consume, and each of them has one', () => {
  expect(consumerNames.flatMap(queuesOf).toSorted()).toEqual(queueNames.toSorted());
  for (const name of consumerNames) expect(queuesOf(name), name).not.toEqual([]);
});
