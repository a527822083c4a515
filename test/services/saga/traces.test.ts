import { expect, it, onTestFinished, vi } from 'vitest';
import { createLogger } from '../../../services/kit/log.ts';
import { openTracing, type Tracing } from '../../../services/kit/tracing/index.ts';
import { patience } from '../kit/bus/broker.ts';
import { describeWithBroker } from '../kit/bus/broker-url.ts';
import {
  type OtlpReceiver,
  type ReceivedSpan,
  settingsFor,
  startOtlpReceiver,
} from '../kit/tracing/otlp-receiver.ts';
import { startAsyncShop } from './async-shop.ts';

const services = ['users', 'inventory', 'payments', 'orders'];

/** A shop whose services send their spans there, each as a process of its own would. */
async function tracedShop(url: string) {
  const lines: string[] = [];
  const tracings = new Map<string, Tracing>();
  for (const name of services) {
    const log = createLogger(name, 'info', { write: (line) => lines.push(line) });
    // A receiver that is not there is asked once for each batch.
    tracings.set(name, await openTracing(name, settingsFor(url, { timeoutMs: 500 }), log));
  }
  const close = async () => {
    for (const tracing of tracings.values()) await tracing.close(10_000);
  };
  onTestFinished(close);
  const shop = await startAsyncShop({ tracerOf: (name) => tracings.get(name)?.tracer });
  /** An order that was paid and confirmed. */
  const buy = async (key?: string) => {
    const answered = await shop.checkOut({ token: 'tok_ok', ...(key === undefined ? {} : { key }) });
    expect(answered.status).toBe(202);
    await shop.becomes(answered.body['order_id'], 'confirmed');
  };
  return { shop, buy, lines, close };
}

/** Until the last span of a purchase has come; those before it may be on their way. */
async function lastSpan({ spans }: OtlpReceiver): Promise<void> {
  const isLast = expect.stringMatching(/^process .*orders\.payment\.processed$/);
  await vi.waitFor(() => expect(spans.map(({ name }) => name)).toContainEqual(isLast), patience);
}

describeWithBroker('an asynchronous checkout', () => {
  it('is one trace, from the request to the last event', async () => {
    const receiver = await startOtlpReceiver();
    const { shop, buy, close } = await tracedShop(receiver.url);
    await buy();
    await lastSpan(receiver);
    await close();
    const find = (service: string, name: RegExp, isRight: (span: ReceivedSpan) => boolean) => {
      const found = receiver.spans.filter((span) => span.service === service && name.test(span.name));
      return found.find(isRight) ?? expect.fail(`none of ${service}: ${name} among ${JSON.stringify(found)}`);
    };
    const request = find('orders', /^POST \/checkout$/, ({ parentSpanId }) => parentSpanId === undefined);
    expect(request).toMatchObject({ kind: 'server', hasFailed: false });
    const below = (above: ReceivedSpan, service: string, name: RegExp, about: Record<string, unknown> = {}) =>
      find(
        service,
        name,
        ({ traceId, parentSpanId, attributes }) =>
          traceId === request.traceId &&
          parentSpanId === above.spanId &&
          Object.entries(about).every(([key, value]) => attributes[key] === value),
      );
    below(request, 'orders', /^INSERT orders$/);
    const asked = below(request, 'orders', /^POST$/, { 'server.service.name': 'inventory' });
    const reserved = below(asked, 'inventory', /^POST \/inventory\/reserve$/);
    below(reserved, 'inventory', /^UPDATE stock$/);
    const told = below(request, 'orders', /^create .*:order\.created$/);
    below(told, 'orders', /^INSERT outbox$/);
    below(told, 'orders', /^send .*:order\.created$/);
    const heard = below(told, 'payments', /^process .*payments\.order\.created$/);
    below(heard, 'payments', /^INSERT payments$/);
    const paid = below(heard, 'payments', /^create .*:payment\.processed$/);
    const heardBack = below(paid, 'orders', /^process .*orders\.payment\.processed$/);
    below(heardBack, 'orders', /^UPDATE orders$/);
    below(told, 'inventory', /^process .*inventory\.order\.created$/);
    expect([asked, reserved, told, heard].map(({ kind }) => kind)).toEqual([
      'client',
      'server',
      'producer',
      'consumer',
    ]);
    const logged = shop.payments.logged.find(({ msg }) => msg === 'event consumed');
    expect(logged).toMatchObject({ trace_id: request.traceId, span_id: heard.spanId });
  });

  it('tells nobody who buys, and with what', async () => {
    const receiver = await startOtlpReceiver();
    const { buy, close } = await tracedShop(receiver.url);
    await buy('key-that-is-a-secret');
    await lastSpan(receiver);
    await close();
    expect(receiver.text()).toContain('insert into');
    expect(receiver.text()).not.toMatch(/tok_ok|a-secret|[\w.]+@[\w-]+\.|Bearer|guest/);
  });

  it('works as well when nobody takes the spans, which is said once by each service', async () => {
    const { buy, lines } = await tracedShop('http://127.0.0.1:1');
    for (const _purchase of ['first', 'second']) await buy();
    await vi.waitFor(() => expect(lines).toHaveLength(services.length), patience);
    const logged: Record<string, unknown>[] = lines.map((line) => JSON.parse(line));
    expect(logged.map(({ service }) => service).sort()).toEqual([...services].sort());
    for (const line of logged)
      expect(line).toMatchObject({ level: 'warn', msg: 'spans cannot be sent, and are lost' });
  });
});
