import { ShopctlError } from '../errors/index.ts';
import type { HttpClient } from '../http/index.ts';
import { compileSchema } from '../lib/json-schema.ts';
import type { Exchange } from '../model/index.ts';
import type { FaultTarget } from './locate.ts';

interface TreatmentBody {
  readonly latency?: string;
  readonly failure_rate?: string;
}

/** What a fault endpoint takes by PUT. */
export interface FaultsBody extends TreatmentBody {
  readonly routes?: Readonly<Record<string, TreatmentBody>>;
}

/** What it answers to GET, PUT and DELETE. */
export interface EndpointAnswer {
  readonly faults: FaultsBody;
  /** When they were set, ISO 8601; null or absent when nothing is set. */
  readonly since?: string | null;
  /** Every route that may have a fault, where the service tells. */
  readonly endpoints?: readonly { readonly endpoint: string }[];
}

const treatment = { latency: { type: 'string' }, failure_rate: { type: 'string' } };
const answerSchema = compileSchema<EndpointAnswer>({
  type: 'object',
  required: ['faults'],
  properties: {
    faults: {
      type: 'object',
      properties: {
        ...treatment,
        routes: { type: 'object', additionalProperties: { type: 'object', properties: treatment } },
      },
    },
    since: { type: ['string', 'null'] },
    endpoints: {
      type: 'array',
      items: { type: 'object', required: ['endpoint'], properties: { endpoint: { type: 'string' } } },
    },
  },
});

const TIMEOUT_MS = 5_000;

/** How a service is asked. */
export interface Asking {
  readonly client: HttpClient;
  readonly signal: AbortSignal;
}

/** @throws ShopctlError `fault-target-down`, `fault-closed`, `fault-refused`, `fault-endpoint-failed`, `interrupted` */
export async function ask(
  target: FaultTarget,
  question: { readonly method: 'GET' | 'PUT' | 'DELETE'; readonly body?: FaultsBody },
  { client, signal }: Asking,
): Promise<EndpointAnswer> {
  const { method, body } = question;
  const json = body === undefined ? {} : { body: { kind: 'json' as const, value: body } };
  const exchange = await client.send({ method, url: target.url, ...json }, { timeoutMs: TIMEOUT_MS, signal });
  if (signal.aborted) throw new ShopctlError('interrupted', { message: 'interrupted' });
  if (exchange.failure !== undefined) {
    throw new ShopctlError('fault-target-down', {
      message: `${target.service} does not answer: ${exchange.failure.message}`,
    });
  }
  const { status, json: data } = exchange.response;
  if (status === 200 && answerSchema.fits(data)) return data;
  throw refusal(target, exchange);
}

function refusal(
  { service, url }: FaultTarget,
  {
    request,
    response,
  }: Exchange & { readonly response: { readonly status: number; readonly json?: unknown } },
): ShopctlError {
  const { status, json } = response;
  const said = detailOf(json);
  if (status === 400) {
    return new ShopctlError('fault-refused', { message: `${service} refuses this fault: ${said ?? '400'}` });
  }
  const told = said === undefined ? '' : `: ${said}`;
  if ([401, 403, 404, 405].includes(status)) {
    return new ShopctlError('fault-closed', {
      message: `${service} takes no faults: ${request.method} ${url} answers ${status}${told}`,
    });
  }
  const what = status === 200 ? 'something that does not tell faults' : `${status}${told}`;
  return new ShopctlError('fault-endpoint-failed', {
    message: `${request.method} ${url} answers ${what}`,
  });
}

/** The sentence of a problem document (RFC 9457). */
function detailOf(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || !('detail' in json)) return undefined;
  return typeof json.detail === 'string' ? json.detail.slice(0, 500) : undefined;
}
