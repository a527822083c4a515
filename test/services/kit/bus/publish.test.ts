import { expect, it, onTestFinished, vi } from 'vitest';
import { readEnvelope } from '../../../../services/kit/bus/envelope.ts';
import { contextFrom, currentContext, runInContext } from '../../../../services/kit/context.ts';
import { ask } from '../../ask.ts';
import { openBroker, patience } from './broker.ts';
import { brokerUrl, describeWithBroker } from './broker-url.ts';
import { anything, effect, ownFolder, startStation } from './station.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const queue = 'payments.order.created';
/** Whoever publishes declares the queue, although nobody consumes it. */
const consumers = ['payments'] as const;

describeWithBroker('publishing', () => {
  it('what a transaction tells arrives as a CloudEvent, and leaves the outbox', async () => {
    const broker = await openBroker({ consumers });
    const station = await startStation({ bus: broker.settings });
    await station.publish('order.created', '42', { total: '299.99' });
    const message = await broker.take(broker.topology.queue(queue).name);
    expect(message.fields.routingKey).toBe('order.created');
    expect(message.properties).toMatchObject({
      contentType: 'application/cloudevents+json',
      type: 'order.created',
      deliveryMode: 2,
    });
    const reading = readEnvelope(message.content);
    expect(reading).toMatchObject({
      envelope: {
        specversion: '1.0',
        id: message.properties.messageId,
        type: 'order.created',
        source: '/station',
        subject: '42',
        data: { total: '299.99' },
      },
    });
    await vi.waitFor(async () => expect(await station.store.read('outbox')).toEqual([]), patience);
    const { text } = await ask('GET', `${station.service.url}/metrics`);
    expect(text).toContain('events_published_total{type="order.created"} 1');
    expect(text).toMatch(/^broker_connected 1$/m);
    expect(text).toMatch(/^outbox_depth 0$/m);
  });

  it('uses qualified keys and other queue names where the settings say so', async () => {
    const broker = await openBroker({
      consumers,
      keys: 'qualified',
      renamed: { [queue]: 'payment_service_queue' },
    });
    const station = await startStation({ bus: broker.settings });
    await station.publish('order.created', '42');
    const message = await broker.take(`${broker.settings.prefix}payment_service_queue`);
    expect(message.fields.routingKey).toBe('order.order.created');
  });

  it('what is rolled back is never published', async () => {
    const broker = await openBroker({ consumers });
    const station = await startStation({ bus: broker.settings });
    const { bus, store } = station;
    const undone = store.transaction(async (transaction) => {
      await bus.publishLater(transaction, { type: 'order.created', subject: 'undone', data: {} });
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    await station.publish('order.created', 'done');
    const { name } = broker.topology.queue(queue);
    expect(readEnvelope((await broker.take(name)).content)).toMatchObject({ envelope: { subject: 'done' } });
    expect(await broker.depth(name)).toBe(0);
  });

  it('many events arrive in the order in which they were written', async () => {
    const broker = await openBroker({ consumers });
    const station = await startStation({ bus: broker.settings });
    const subjects = Array.from({ length: 250 }, (_one, index) => String(index));
    await station.store.transaction(async (transaction) => {
      for (const subject of subjects)
        await station.bus.publishLater(transaction, { type: 'order.created', subject, data: {} });
    });
    const arrived: string[] = [];
    for (const _one of subjects) {
      const reading = readEnvelope((await broker.take(broker.topology.queue(queue).name)).content);
      arrived.push('envelope' in reading ? reading.envelope.subject : reading.complaint);
    }
    expect(arrived).toEqual(subjects);
  });

  it('what was committed before a crash is published by the next process', async () => {
    const broker = await openBroker({ consumers });
    const folder = await ownFolder();
    const nowhere = await startTcpProxy(brokerUrl);
    nowhere.cut('refuse');
    onTestFinished(nowhere.stop);
    const before = await startStation({ bus: { ...broker.settings, url: nowhere.url }, folder });
    await before.publish('order.created', 'survivor');
    await before.stop();
    await startStation({ bus: broker.settings, folder });
    const message = await broker.take(broker.topology.queue(queue).name);
    expect(readEnvelope(message.content)).toMatchObject({ envelope: { subject: 'survivor' } });
  });

  it('with the broker down the service is degraded and ready, and events wait until it returns', async () => {
    const broker = await openBroker({ consumers });
    const proxy = await startTcpProxy(brokerUrl);
    onTestFinished(proxy.stop);
    proxy.cut('refuse');
    const station = await startStation({ bus: { ...broker.settings, url: proxy.url } });
    await station.publish('order.created', 'patient');
    const health = await ask('GET', `${station.service.url}/health`);
    expect(health.body).toMatchObject({ status: 'degraded', dependencies: { broker: 'unavailable' } });
    expect((await ask('GET', `${station.service.url}/healthz`)).status).toBe(200);
    const { text } = await ask('GET', `${station.service.url}/metrics`);
    expect(text).toMatch(/^outbox_depth 1$/m);
    expect(text).toMatch(/^broker_connected 0$/m);
    expect(station.service.logText()).not.toContain('guest');
    proxy.letThrough();
    const message = await broker.take(broker.topology.queue(queue).name);
    expect(readEnvelope(message.content)).toMatchObject({ envelope: { subject: 'patient' } });
    expect((await ask('GET', `${station.service.url}/health`)).body).toMatchObject({
      dependencies: { broker: 'available' },
    });
  });

  it('refuses with 503 when too many events wait, and writes nothing then', async () => {
    const broker = await openBroker({ outboxLimit: 2 });
    const nowhere = await startTcpProxy(brokerUrl);
    nowhere.cut('refuse');
    onTestFinished(nowhere.stop);
    const station = await startStation({ bus: { ...broker.settings, url: nowhere.url } });
    await station.publish('order.created', '1');
    await station.publish('order.created', '2');
    await expect(station.publish('order.created', '3')).rejects.toMatchObject({
      facts: { status: 503, kind: 'outbox-full' },
    });
    expect(await station.store.read('outbox').pluck('id')).toHaveLength(2);
  });

  it('what was told before its consumer ever started is there when it starts', async () => {
    const broker = await openBroker({ consumers: ['notifications'] });
    const early = await startStation({ bus: broker.settings });
    await early.publish('payment.processed', '42');
    await vi.waitFor(async () => expect(await early.store.read('outbox')).toEqual([]), patience);
    const late = await startStation({
      bus: broker.settings,
      consumers: (bus) =>
        bus.consume({ queue: 'notifications.payment.processed', read: anything, handle: effect }),
    });
    await vi.waitFor(async () => expect(await late.effects()).toEqual(['42']), patience);
  });

  it('queues of services that are not among the consumers are not made, so that nothing piles up there', async () => {
    const broker = await openBroker({ consumers: ['payments'] });
    const station = await startStation({ bus: broker.settings });
    await station.publish('order.created', '42');
    expect((await broker.take(broker.topology.queue(queue).name)).properties.type).toBe('order.created');
    for (const name of ['notifications.order.created', 'analytics.all.events'] as const)
      await expect(broker.depth(broker.topology.queue(name).name)).rejects.toThrow('NOT_FOUND');
  });

  it('an event that nobody consumes is counted and told, and does not stay in the outbox', async () => {
    const broker = await openBroker();
    const station = await startStation({ bus: broker.settings });
    await station.publish('user.updated', '7');
    await vi.waitFor(
      () => expect(station.service.logText()).toContain('an event was led to no queue'),
      patience,
    );
    await vi.waitFor(async () => expect(await station.store.read('outbox')).toEqual([]), patience);
    const { text } = await ask('GET', `${station.service.url}/metrics`);
    expect(text).toContain('events_unroutable_total{type="user.updated"} 1');
  });

  it('carries the trace and the request id of whoever caused the event to its consumer', async () => {
    const broker = await openBroker();
    const seen: unknown[] = [];
    const station = await startStation({
      bus: broker.settings,
      consumers: (bus) =>
        bus.consume({
          queue,
          read: anything,
          handle: async (event, transaction) => {
            seen.push(currentContext());
            await effect(event, transaction);
          },
        }),
    });
    const cause = contextFrom({ requestId: 'request-7', traceparent: undefined, tracestate: undefined });
    await runInContext(cause, () => station.publish('order.created', '42'));
    await vi.waitFor(async () => expect(await station.effects()).toEqual(['42']), patience);
    expect(seen).toMatchObject([
      { requestId: 'request-7', traceId: cause.traceId, parentSpanId: cause.spanId },
    ]);
  });
});

it('without a broker nothing is kept for one', async () => {
  const station = await startStation({});
  await station.publish('order.created', '42');
  expect(await station.store.read('outbox')).toEqual([]);
  expect((await ask('GET', `${station.service.url}/health`)).body['dependencies']).toEqual({
    database: 'available',
  });
  expect((await ask('GET', `${station.service.url}/metrics`)).text).not.toContain('outbox_depth');
});
