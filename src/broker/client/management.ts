import { createHttpClient } from '../../http/index.ts';
import type { BrokerLink } from './connect.ts';
import type { QueueRow } from './queue-row.ts';

export type ManagementAnswer =
  | { readonly ok: true; readonly queues: readonly QueueRow[] }
  /** Why not, as the end of a sentence. */
  | { readonly ok: false; readonly reason: string };

const EMBEDDED_PRODUCT = 'shopctl broker';
const TIMEOUT_MS = 5_000;
/** Some hundred thousand queues. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const COLUMNS = 'name,messages_ready,messages_unacknowledged,consumers,durable,type';

/** All queues of the virtual host, by RabbitMQ's management API or what the embedded broker has of it. */
export async function queuesByManagement(link: BrokerLink, signal: AbortSignal): Promise<ManagementAnswer> {
  const { address } = link;
  const base = managementUrl(link);
  if (base === undefined) return { ok: false, reason: 'it was started without a management API' };
  const { user, password } = ownCredentials(base) ?? address;
  const url = new URL(
    `api/queues/${encodeURIComponent(address.virtualHost)}?columns=${COLUMNS}`,
    slashed(base),
  );
  const place = url.host;
  url.username = '';
  url.password = '';
  const client = createHttpClient({ maxBodyBytes: MAX_BODY_BYTES });
  try {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const request = { method: 'GET', url: url.href, headers: { authorization } };
    const { response, failure } = await client.send(request, { timeoutMs: TIMEOUT_MS, signal });
    if (failure !== undefined) return { ok: false, reason: `${place} does not answer: ${failure.message}` };
    if (response.status === 401)
      return { ok: false, reason: `${place} does not accept the user or the password` };
    if (response.status !== 200) return { ok: false, reason: `${place} answers ${response.status}` };
    const queues = readQueues(response.json);
    return queues === undefined
      ? { ok: false, reason: `what answers at ${place} is no management API` }
      : { ok: true, queues };
  } finally {
    await client.close();
  }
}

/** Said by the embedded broker itself; else by the user, or where the plugin of RabbitMQ is by default. */
function managementUrl({ address, product, announcedManagementUrl }: BrokerLink): string | undefined {
  const { managementUrl: said, host, url } = address;
  // What listens on the usual port then is another broker's.
  if (product === EMBEDDED_PRODUCT) return announcedManagementUrl;
  const usual = url.startsWith('amqps:') ? `https://${host}:15671` : `http://${host}:15672`;
  return said ?? usual;
}

function ownCredentials(base: string): { readonly user: string; readonly password: string } | undefined {
  const { username, password } = new URL(base);
  if (username === '') return undefined;
  return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
}

const slashed = (base: string) => (base.endsWith('/') ? base : `${base}/`);

function readQueues(data: unknown): readonly QueueRow[] | undefined {
  if (!Array.isArray(data)) return undefined;
  const rows = data.map(readQueue);
  return rows.every((row) => row !== undefined) ? rows : undefined;
}

/** A queue that was made a moment ago has no numbers yet. */
function readQueue(data: unknown): QueueRow | undefined {
  if (typeof data !== 'object' || data === null || !('name' in data) || typeof data.name !== 'string')
    return undefined;
  const count = (key: string) => {
    const value: unknown = Reflect.get(data, key);
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
  };
  return {
    name: data.name,
    ready: count('messages_ready'),
    unacked: count('messages_unacknowledged'),
    consumers: count('consumers'),
  };
}
