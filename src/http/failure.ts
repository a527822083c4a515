import { messageOf } from '../errors/index.ts';
import type { ExchangeFailure } from '../model/index.ts';

const KIND_OF_CODE: Readonly<Record<string, ExchangeFailure['kind']>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
};

interface Circumstances {
  readonly url: string;
  readonly timeoutMs: number;
  readonly isTimedOut: boolean;
  readonly isAborted: boolean;
}

/** What a thrown transport error means for the person who sent the request. */
export function failureOf(error: unknown, circumstances: Circumstances): ExchangeFailure {
  const { url, timeoutMs, isTimedOut, isAborted } = circumstances;
  if (isAborted) return { kind: 'aborted', message: 'the run was stopped before an answer came' };
  const kind = isTimedOut ? 'timeout' : kindOf(error);
  return { kind, message: sentence(kind, { url, timeoutMs, cause: messageOf(error) }) };
}

/** `localhost` is tried over IPv6 and IPv4; such an attempt fails with all its errors in one. */
function kindOf(error: unknown): ExchangeFailure['kind'] {
  if (error instanceof AggregateError && error.errors.length > 0) return kindOf(error.errors[0]);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return KIND_OF_CODE[code] ?? 'protocol';
}

function sentence(
  kind: ExchangeFailure['kind'],
  { url, timeoutMs, cause }: { url: string; timeoutMs: number; cause: string },
): string {
  const host = URL.canParse(url) ? new URL(url).host : url;
  switch (kind) {
    case 'refused':
      return `connection refused: nothing listens on ${host}`;
    case 'timeout':
      return `no whole answer from ${host} within ${timeoutMs} ms`;
    case 'reset':
      return `${host} closed the connection before the answer was complete`;
    case 'dns':
      return `the host name of ${host} cannot be resolved`;
    case 'aborted':
    case 'protocol':
      return `${host}: ${cause}`;
  }
}
