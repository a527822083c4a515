import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { TracingSettings } from '../../../../services/kit/tracing/index.ts';

/** A span as it arrived. */
export interface ReceivedSpan {
  service: string;
  name: string;
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  attributes: Record<string, unknown>;
  hasFailed: boolean;
}

/** A receiver of OTLP/HTTP in JSON, on a port of its own until the test is over. */
export interface OtlpReceiver {
  url: string;
  spans: ReceivedSpan[];
  /** Everything that was sent, as text. */
  text(): string;
  /** Of the latest request. */
  headers(): IncomingHttpHeaders;
  /** What it answers from now on; undefined: nothing at all. */
  answerWith(status: number | undefined): void;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const texts: string[] = [];
  let headers: IncomingHttpHeaders = {};
  let status: number | undefined = 200;
  const server = createServer(async (request, response) => {
    headers = request.headers;
    const body = await json(request);
    if (status === undefined) return;
    if (status === 200 && request.method === 'POST' && request.url === '/v1/traces') {
      spans.push(...spansOf(body));
      texts.push(JSON.stringify(body));
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    text: () => texts.join('\n'),
    headers: () => headers,
    answerWith: (next) => {
      status = next;
    },
  };
}

/** What the environment makes of an endpoint, with spans that are sent at once. */
export function settingsFor(url: string, overrides: Partial<TracingSettings> = {}): TracingSettings {
  return {
    url: `${url}/v1/traces`,
    headers: {},
    timeoutMs: 10_000,
    serviceName: undefined,
    resource: {},
    sampler: 'parentbased_always_on',
    ratio: 1,
    delayMs: 1,
    queueSize: 2_048,
    ...overrides,
  };
}

interface Pair {
  key: string;
  value: Record<string, unknown>;
}

interface Body {
  resourceSpans: {
    resource: { attributes: Pair[] };
    scopeSpans: {
      spans: {
        name: string;
        kind: number;
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        attributes: Pair[];
        status: { code?: number };
      }[];
    }[];
  }[];
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

function spansOf(body: unknown): ReceivedSpan[] {
  return (body as Body).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap((scope) => scope.spans)
      .map(({ name, kind, traceId, spanId, parentSpanId, attributes, status }) => ({
        service: String(record(resource.attributes)['service.name']),
        name,
        kind: kinds[kind] ?? 'internal',
        traceId,
        spanId,
        parentSpanId: parentSpanId || undefined,
        attributes: record(attributes),
        hasFailed: status.code === 2,
      })),
  );
}

function record(pairs: readonly Pair[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]));
}
