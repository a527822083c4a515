import { randomUUID } from 'node:crypto';
import {
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { TraceParent } from '../context.ts';
import type { Logger } from '../log.ts';
import type { TracingSettings } from './settings.ts';
import type { NotedSpan, SpanStart, Tracer } from './span.ts';
import { tellOutages } from './tell-outages.ts';

// The one file that loads the SDK of OpenTelemetry, and that is loaded only where spans are sent anywhere. The SDK has a
// context of its own, which stays empty: every span is told its parent.

export interface SdkTracing {
  tracer: Tracer;
  /** Sends what waits, however long that takes. */
  shutdown(): Promise<void>;
}

export function openSdk(service: string, settings: TracingSettings, log: Logger): SdkTracing {
  const { url, headers, timeoutMs, delayMs, queueSize } = settings;
  const exporter = tellOutages(new OTLPTraceExporter({ url, headers, timeoutMillis: timeoutMs }), {
    receiver: new URL(url).host,
    log,
  });
  const processor = new BatchSpanProcessor(exporter, {
    maxQueueSize: queueSize,
    maxExportBatchSize: Math.min(512, queueSize),
    scheduledDelayMillis: delayMs,
    exportTimeoutMillis: timeoutMs,
  });
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.name': service,
        'service.instance.id': randomUUID(),
        ...settings.resource,
        ...(settings.serviceName === undefined ? {} : { 'service.name': settings.serviceName }),
      }),
    ),
    sampler: samplerOf(settings),
    spanProcessors: [processor],
  });
  const sdk = provider.getTracer('shop');
  return {
    tracer: {
      start: ({ name, kind, attributes }, parent) =>
        noted(sdk.startSpan(name, { kind: kinds[kind], attributes: { ...attributes } }, contextOf(parent))),
    },
    shutdown: () => provider.shutdown(),
  };
}

const kinds: Readonly<Record<SpanStart['kind'], SpanKind>> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

function samplerOf({ sampler, ratio }: TracingSettings): Sampler {
  const share = () => new TraceIdRatioBasedSampler(ratio);
  switch (sampler) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return share();
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: share() });
  }
}

function contextOf(parent: TraceParent | undefined) {
  if (parent === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, traceState, isRemote } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    isRemote,
    traceFlags: Number.parseInt(parent.traceFlags, 16),
    ...(traceState === undefined ? {} : { traceState: createTraceState(traceState) }),
  });
}

function noted(span: Span): NotedSpan {
  const { traceId, spanId, traceFlags } = span.spanContext();
  let hasFailed = false;
  return {
    traceId,
    spanId,
    traceFlags: traceFlags.toString(16).padStart(2, '0'),
    rename: (name) => void span.updateName(name),
    set: (attributes) => void span.setAttributes(attributes),
    fail: (reason) => {
      if (hasFailed) return;
      hasFailed = true;
      span.setAttributes({ 'error.type': reason });
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
    end: () => span.end(),
  };
}
