import type { IncomingMessage } from 'node:http';
import type { Probe, StatusPattern } from '../../config/probe-spec.ts';
import { baseUrl } from '../../config/project.ts';
import { differenceOfBody } from './http-body.ts';
import { statusOf } from './http-status.ts';
import { type Look, type ProbeKind, TRY_LIMIT_MS } from './kind.ts';
import { atItsAddress, bounded, type Endpoint, failure } from './network.ts';
import type { Sight } from './sight.ts';

type HttpProbe = Probe<'http'>;

/** A GET whose answer has the expected status (redirects are not followed), headers and body. */
export const http: ProbeKind<HttpProbe> = {
  look: (probe, look) =>
    atItsAddress(look.spec, (endpoint) => bounded(look, (limit) => get(probe, { endpoint, look, limit }))),
  subject: ({ path }, spec) => `GET ${baseUrl(spec) ?? spec.name}${path}`,
  remedy: (sight, { name }) => {
    if (sight.kind === 'status' && sight.expected === undefined)
      return `a 2xx answer counts as ready: correct the path in \`ready\` of ${name}`;
    if (sight.kind === 'status' || sight.kind === 'unmet')
      return `correct \`ready.http\` of ${name}, or see in \`shopctl logs ${name}\` why it answers so`;
    return undefined;
  },
  usualLimitMs: TRY_LIMIT_MS,
  knocks: () => true,
};

interface Question {
  readonly endpoint: Endpoint;
  readonly look: Look;
  readonly limit: AbortSignal;
}

async function get(probe: HttpProbe, question: Question): Promise<Sight> {
  const {
    endpoint,
    look: { spec },
    limit: signal,
  } = question;
  const { address, port } = endpoint;
  const host = address.includes(':') ? `[${address}]` : address;
  const own = `${spec.tls === undefined ? 'http' : 'https'}://${host}:${port}`;
  const url = `${spec.kind === 'foreign' ? baseUrl(spec) : own}${probe.path}`;
  const isPlain = url.startsWith('http:');
  if (isPlain && probe.headers === undefined && probe.body === undefined) {
    const answer = await statusOf(new URL(url), endpoint, signal);
    if (answer?.kind === 'status-line') return misfit(probe, answer.status) ?? { kind: 'answers', address };
    if (answer !== undefined) return answer;
  }
  // Loaded where more is asked, and all of TLS only where a service speaks it.
  const { request } = await (isPlain ? import('node:http') : import('node:https'));
  return await new Promise((resolve) => {
    // `agent: false`: a connection of its own, closed with the answer; a kept one would outlive a restart.
    request(url, { agent: false, signal, ...spec.tls }, (response) => {
      response.on('error', () => resolve({ kind: 'error', message: 'the answer broke off' }));
      const ends = judge(probe, response).then((unmet) => unmet ?? { kind: 'answers' as const, address });
      ends.then(resolve, () => resolve({ kind: 'error', message: 'the answer broke off' }));
    })
      .on('error', (error) => resolve(failure(error)))
      .end();
  });
}

/** What is not as it should be; undefined when all is. */
async function judge(probe: HttpProbe, response: IncomingMessage): Promise<Sight | undefined> {
  const status = response.statusCode ?? 0;
  const other = misfit(probe, status);
  if (other !== undefined) {
    response.resume();
    return other;
  }
  const words = differenceOfHeaders(probe, response) ?? (await differenceOfBody(probe, response));
  response.resume();
  return words === undefined ? undefined : { kind: 'unmet', words: `answered ${status}, but ${words}` };
}

function misfit(probe: HttpProbe, status: number): Sight | undefined {
  if ((probe.status ?? ['2xx']).some((pattern) => fits(status, pattern))) return undefined;
  const expected = probe.status?.join(' or ');
  return { kind: 'status', status, ...(expected === undefined ? {} : { expected }) };
}

const fits = (status: number, pattern: StatusPattern): boolean =>
  typeof pattern === 'number' ? status === pattern : Math.floor(status / 100) === Number(pattern[0]);

const SHOWN = 100;

function differenceOfHeaders({ headers = {} }: HttpProbe, response: IncomingMessage): string | undefined {
  for (const [name, expected] of Object.entries(headers)) {
    const received = response.headers[name];
    if (received === undefined) return `it has no header ${name}`;
    const text = String(received);
    if (text !== expected && !text.startsWith(`${expected};`))
      return `its header ${name} is ${JSON.stringify(text.slice(0, SHOWN))}, not ${JSON.stringify(expected)}`;
  }
  return undefined;
}
