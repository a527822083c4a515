import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished, vi } from 'vitest';
import { contextFrom, currentContext, runInContext } from '../../../../services/kit/context.ts';
import type { Bus } from '../../../../services/kit/index.ts';
import { type Noted, notingTracer } from '../tracing/noting-tracer.ts';
import { envelopeText, openBroker, patience } from './broker.ts';
import { brokerUrl, describeWithBroker } from './broker-url.ts';
import { anything, effect, ownFolder, startStation } from './station.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const queue = 'payments.order.created';
const request = () => contextFrom({ requestId: 'request-7', traceparent: undefined, tracestate: undefined });

const named = (spans: readonly Noted[], beginning: string) =>
  spans.filter(({ name }) => name.startsWith(beginning));

/** Fails so often before it has its effect. */
const failing = (times: number) => {
  const seen: (string | undefined)[] = [];
  const consumers = (bus: Bus) =>
    bus.consume({
      queue,
      read: anything,
      handle: async (event, transaction) => {
        seen.push(currentContext()?.spanId);
        if (seen.length <= times) throw new TypeError('not yet, alice@example.com');
        await effect(event, transaction);
      },
    });
  return { seen, consumers };
};

describeWithBroker('the spans of an event', () => {
  it('lead from who wrote it to every attempt to handle it', async () => {
    const broker = await openBroker();
    const { tracer, spans } = notingTracer();
    const { seen, consumers } = failing(2);
    const station = await startStation({ bus: broker.settings, consumers, tracer });
    const cause = request();
    await runInContext(cause, () => station.publish('order.created', '42'));
    await vi.waitFor(async () => expect(await station.effects()).toEqual(['42']), patience);
    await station.stop();
    const { exchange, key } = broker.topology.addressOf('order.created');
    const [written, ...copies] = named(spans, 'create ');
    expect(copies).toEqual([]);
    expect(written).toMatchObject({
      name: `create ${exchange}:${key}`,
      kind: 'producer',
      parent: { traceId: cause.traceId, spanId: cause.spanId },
    });
    const below = { traceId: cause.traceId, parent: { spanId: written?.spanId } };
    expect(named(spans, 'INSERT outbox')).toMatchObject([below]);
    expect(named(spans, 'send ')).toMatchObject([{ ...below, kind: 'client', failure: undefined }]);
    const attempts = named(spans, 'process ');
    expect(attempts).toMatchObject([
      { ...below, kind: 'consumer', failure: 'TypeError' },
      { ...below, kind: 'consumer', failure: 'TypeError' },
      { ...below, kind: 'consumer', failure: undefined },
    ]);
    expect(attempts.map(({ attributes }) => attributes['shop.event.outcome'])).toEqual([
      'retried',
      'retried',
      'done',
    ]);
    expect(attempts.map(({ attributes }) => attributes['shop.event.failures'])).toEqual([1, 2, undefined]);
    expect(attempts.map(({ spanId }) => spanId)).toEqual(seen);
    expect(named(spans, 'INSERT effects')).toMatchObject([{ parent: { spanId: seen.at(-1) } }]);
    expect(spans.every(({ isOver }) => isOver)).toBe(true);
    expect(JSON.stringify(spans)).not.toContain('alice');
  });

  it('are in the log of whoever handles it', async () => {
    const broker = await openBroker();
    const { tracer, spans } = notingTracer();
    const { consumers } = failing(0);
    const station = await startStation({ bus: broker.settings, consumers, tracer });
    await station.publish('order.created', '42');
    await vi.waitFor(async () => expect(await station.effects()).toEqual(['42']), patience);
    await station.stop();
    const [attempt] = named(spans, 'process ');
    const line = station.service.logged.find(({ msg }) => msg === 'event consumed');
    expect(line).toMatchObject({ trace_id: attempt?.traceId, span_id: attempt?.spanId });
  });

  it('are of one trace, also when another process publishes it', async () => {
    const folder = await ownFolder();
    const nowhere = await startTcpProxy(brokerUrl);
    nowhere.cut('refuse');
    onTestFinished(nowhere.stop);
    const broker = await openBroker();
    const before = notingTracer();
    const bus = { ...broker.settings, url: nowhere.url };
    const first = await startStation({ folder, bus, tracer: before.tracer });
    const cause = request();
    await runInContext(cause, () => first.publish('order.created', '42'));
    await first.stop();
    expect(named(before.spans, 'send ')).toEqual([]);
    const after = notingTracer();
    const { consumers } = failing(0);
    const second = await startStation({ folder, bus: broker.settings, consumers, tracer: after.tracer });
    await vi.waitFor(async () => expect(await second.effects()).toEqual(['42']), patience);
    await second.stop();
    const [written] = named(before.spans, 'create ');
    const parent = { traceId: cause.traceId, spanId: written?.spanId, isRemote: true };
    expect(named(after.spans, 'send ')).toMatchObject([{ parent }]);
    expect(named(after.spans, 'process ')).toMatchObject([{ parent }]);
  });

  it('that cannot be read or is nobody’s has failed', async () => {
    const broker = await openBroker();
    const { tracer, spans } = notingTracer();
    const { consumers } = failing(0);
    const station = await startStation({ bus: broker.settings, consumers, tracer });
    const { name, dead } = broker.topology.queue(queue);
    await broker.send(name, 'no envelope of alice@example.com');
    await broker.send(name, envelopeText('order.paid', randomUUID()));
    await vi.waitFor(async () => expect(await broker.depth(dead)).toBe(2), patience);
    await station.stop();
    expect(named(spans, 'process ')).toMatchObject([
      { failure: 'Unprocessable', attributes: { 'shop.event.outcome': 'dead' } },
      { failure: 'Unprocessable', attributes: { 'shop.event.outcome': 'dead' } },
    ]);
    expect(JSON.stringify(spans)).not.toContain('alice');
  });
});
