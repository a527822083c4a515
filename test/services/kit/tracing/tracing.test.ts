import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLogger } from '../../../../services/kit/log.ts';
import { openTracing, type Tracing, type TracingSettings } from '../../../../services/kit/tracing/index.ts';
import type { Tracer } from '../../../../services/kit/tracing/span.ts';
import { type OtlpReceiver, settingsFor, startOtlpReceiver } from './otlp-receiver.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = { traceId, spanId: '00f067aa0ba902b7', traceFlags: '01', isRemote: true };
const work = { name: 'work', kind: 'server', attributes: { 'url.path': '/x' } } as const;
/** Nobody listens on a privileged port that has no use. */
const nowhere = 'http://127.0.0.1:1';

/** Tracing of a service "orders", with everything that it has logged. */
async function open(settings: TracingSettings | undefined) {
  const lines: string[] = [];
  const log = createLogger('orders', 'info', { write: (line) => lines.push(line) });
  const tracing = await openTracing('orders', settings, log);
  onTestFinished(() => tracing.close(0));
  const logged = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line));
  return { tracing, tracer: tracing.tracer, logged };
}

const sendTo = ({ url }: OtlpReceiver, overrides: Partial<TracingSettings> = {}) =>
  open(settingsFor(url, overrides));

function once(tracer: Tracer | undefined, below: typeof parent | undefined = undefined) {
  const span = tracer?.start(work, below);
  span?.end();
  return span;
}

/** Long enough for anybody. */
const close = (tracing: Tracing) => tracing.close(50_000);

describe('tracing', () => {
  it('is nothing without settings', async () => {
    const { tracing, tracer, logged } = await open(undefined);
    expect(tracer).toBeUndefined();
    await tracing.close(0);
    expect(logged()).toEqual([]);
  });

  it('sends spans as OTLP, with who they are of and what they are below', async () => {
    const receiver = await startOtlpReceiver();
    const { tracing, tracer } = await sendTo(receiver, {
      headers: { 'api-key': 'abc' },
      resource: { 'deployment.environment.name': 'test' },
    });
    const span = tracer?.start(work, { ...parent, ...{ traceState: 'a=b' } });
    span?.rename('GET /x');
    span?.set({ 'http.response.status_code': 500 });
    span?.fail('500');
    span?.fail('later');
    span?.end();
    await close(tracing);
    expect(receiver.spans).toEqual([
      {
        service: 'orders',
        name: 'GET /x',
        kind: 'server',
        traceId,
        spanId: span?.spanId,
        parentSpanId: parent.spanId,
        attributes: { 'url.path': '/x', 'http.response.status_code': 500, 'error.type': '500' },
        hasFailed: true,
      },
    ]);
    expect(receiver.headers()).toMatchObject({ 'content-type': 'application/json', 'api-key': 'abc' });
    expect(receiver.text()).toContain('"deployment.environment.name"');
    expect(receiver.text()).toContain('"traceState":"a=b"');
  });

  it.each([
    [{ resource: { 'service.name': 'by-attributes' } }, 'by-attributes'],
    [{ resource: { 'service.name': 'by-attributes' }, serviceName: 'by-name' }, 'by-name'],
  ])('calls the service what %o says', async (overrides, name) => {
    const receiver = await startOtlpReceiver();
    const { tracing, tracer } = await sendTo(receiver, overrides);
    once(tracer);
    await close(tracing);
    expect(receiver.spans).toMatchObject([{ service: name, parentSpanId: undefined }]);
  });

  it.each([
    ['always_on', 1, '00', '01'],
    ['always_off', 1, '01', '00'],
    ['traceidratio', 0, '01', '00'],
    ['traceidratio', 1, '00', '01'],
    ['parentbased_always_on', 1, '00', '00'],
    ['parentbased_always_on', 1, undefined, '01'],
    ['parentbased_always_off', 1, '01', '01'],
    ['parentbased_always_off', 1, undefined, '00'],
    ['parentbased_traceidratio', 0, '01', '01'],
    ['parentbased_traceidratio', 0, undefined, '00'],
  ] as const)('samples as %s (%d) with the parent %s: %s', async (sampler, ratio, traceFlags, sampled) => {
    const receiver = await startOtlpReceiver();
    const { tracing, tracer } = await sendTo(receiver, { sampler, ratio });
    const span = once(tracer, traceFlags && { ...parent, traceFlags });
    expect(span).toMatchObject({ traceFlags: sampled, spanId: expect.stringMatching(/^[0-9a-f]{16}$/) });
    if (traceFlags !== undefined) expect(span).toMatchObject({ traceId });
    await close(tracing);
    expect(receiver.spans).toHaveLength(sampled === '01' ? 1 : 0);
  });

  it('says once that spans are lost, and once that they are not any more', async () => {
    const receiver = await startOtlpReceiver();
    const { tracing, tracer, logged } = await sendTo(receiver);
    const told = () => logged().map(({ level, msg, reason, lost }) => ({ level, msg, reason, lost }));
    const first = { level: 'warn', msg: 'spans cannot be sent, and are lost', reason: '400' };
    const next = async (condition: () => boolean) =>
      vi.waitFor(() => {
        once(tracer);
        expect(condition()).toBe(true);
      });
    receiver.answerWith(400);
    await next(() => logged().length > 0);
    once(tracer);
    receiver.answerWith(200);
    await next(() => logged().length > 1);
    expect(told()).toEqual([first, { level: 'info', msg: 'spans are sent again', lost: expect.any(Number) }]);
    receiver.answerWith(401);
    await next(() => logged().length > 2);
    await close(tracing);
    expect(told().at(2)).toMatchObject({ ...first, reason: '401' });
    expect(logged()).toHaveLength(3);
  });

  it('drops spans when too many wait', async () => {
    const receiver = await startOtlpReceiver();
    const { tracing, tracer } = await sendTo(receiver, { queueSize: 3, delayMs: 600_000 });
    // Three fill a batch, which is on its way for the rest of the loop; three more wait.
    for (let count = 0; count < 20; count += 1) once(tracer);
    await close(tracing);
    expect(receiver.spans).toHaveLength(6);
  });

  it('says why a receiver that is not there gets nothing, and where that is', async () => {
    const { tracing, tracer, logged } = await open(settingsFor(nowhere, { timeoutMs: 500 }));
    once(tracer);
    await close(tracing);
    expect(logged()).toMatchObject([{ level: 'warn', receiver: '127.0.0.1:1', reason: 'ECONNREFUSED' }]);
  });

  it('waits no longer than it may for a receiver that does not answer', async () => {
    const receiver = await startOtlpReceiver();
    receiver.answerWith(undefined);
    const { tracing, tracer, logged } = await sendTo(receiver);
    once(tracer);
    await tracing.close(1);
    expect(logged()).toMatchObject([{ level: 'warn', msg: 'spans could not be sent before the end' }]);
  });
});
