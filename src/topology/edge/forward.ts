import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { endToEnd, forwarded, hasBody, MAX_HEADER_BYTES } from './headers.ts';
import { answer, brokeOff, type EdgeProblem, nobodyReady } from './problems.ts';
import type { Member, Rotation } from './rotation.ts';

export interface Forwarding {
  readonly service: string;
  readonly rotation: Rotation;
}

/** Asking twice does no more than asking once (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Passes one request on to the member whose turn it is, and its answer back. */
export function forward(request: IncomingMessage, response: ServerResponse, around: Forwarding): void {
  const { service, rotation } = around;
  const headers = forwarded(request);
  const isRepeatable = SAFE.has(request.method ?? '') && !hasBody(request);
  const tried = new Set<Member>();
  let current: ClientRequest | undefined;
  // Whoever asked is gone: nobody needs the answer.
  response.once('close', () => current?.destroy());
  const next = (problem: EdgeProblem) => {
    const member = rotation.next(tried);
    if (member === undefined) return answer(response, problem);
    tried.add(member);
    tryAt(member, false);
  };
  const tryAt = (member: Member, isFresh: boolean) => {
    const question = { member, headers, isFresh, isRepeatable };
    current = ask(request, question, (outcome) => settle(member, outcome));
  };
  const settle = (member: Member, outcome: Outcome) => {
    // Given up by ourselves, which says nothing of the member.
    if (response.destroyed && outcome.kind !== 'answers') return;
    switch (outcome.kind) {
      case 'answers':
        return giveBack(outcome.answer, response);
      case 'refused':
        rotation.refused(member);
        return next(nobodyReady(service));
      case 'stale':
        // The end of one kept connection says nothing of the member yet.
        return tryAt(member, true);
      case 'broken':
        return isRepeatable ? next(brokeOff(member.name)) : answer(response, brokeOff(member.name));
    }
  };
  next(nobodyReady(service));
}

type Outcome =
  | { readonly kind: 'answers'; readonly answer: IncomingMessage }
  /** No connection came about, and nothing was sent. */
  | { readonly kind: 'refused' }
  /** A kept connection was over, and nothing was sent or it can be sent again. */
  | { readonly kind: 'stale' }
  /** The connection ended when the member had the request, or some of it. */
  | { readonly kind: 'broken' };

interface Question {
  readonly member: Member;
  readonly headers: readonly string[];
  /** Over a connection of its own. */
  readonly isFresh: boolean;
  readonly isRepeatable: boolean;
}

function ask(
  request: IncomingMessage,
  { member, headers, isFresh, isRepeatable }: Question,
  settle: (outcome: Outcome) => void,
): ClientRequest {
  const { method = 'GET', url: path = '/' } = request;
  const { address: host, port } = member;
  const agent = isFresh ? false : member.agent;
  const limits = { setHost: false, maxHeaderSize: MAX_HEADER_BYTES };
  const upstream = httpRequest({ host, port, agent, method, path, headers: [...headers], ...limits });
  let isConnected = false;
  let isSent = false;
  let isSettled = false;
  const settleOnce = (outcome: Outcome) => {
    if (!isSettled) settle(outcome);
    isSettled = true;
  };
  const send = () => {
    isConnected = true;
    if (upstream.destroyed) return;
    isSent = true;
    if (hasBody(request)) request.pipe(upstream);
    else upstream.end();
  };
  upstream.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', send);
    else if (isRepeatable) send();
    // A kept connection may have ended without our having read of it yet: one whole turn of the loop shows it.
    else setImmediate(() => setImmediate(send));
  });
  upstream.once('response', (found) => settleOnce({ kind: 'answers', answer: found }));
  upstream.on('error', () => {
    request.unpipe(upstream);
    if (upstream.reusedSocket && (!isSent || isRepeatable)) settleOnce({ kind: 'stale' });
    else settleOnce({ kind: isConnected ? 'broken' : 'refused' });
  });
  return upstream;
}

/** Streams the answer at the pace of whoever asked; one that breaks off breaks off there too. */
function giveBack(answered: IncomingMessage, response: ServerResponse): void {
  const { statusCode = 502, statusMessage = '' } = answered;
  if (response.destroyed) {
    answered.destroy();
    return;
  }
  response.writeHead(statusCode, statusMessage, endToEnd(answered));
  answered.once('error', () => response.destroy());
  answered.pipe(response);
}
