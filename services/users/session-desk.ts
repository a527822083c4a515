import {
  authUnavailable,
  basicCredentials,
  createUpstream,
  notFound,
  type Page,
  type ServiceParts,
  type Upstream,
} from '../kit/index.ts';

/** The tokens of a new session, as the auth service gives them. */
interface Granted {
  access_token: string;
  refresh_token: string;
  token_type: string;
  expires_in: number;
  session_id: string;
}

/** One page of a user's sessions. */
interface ListedSessions {
  sessions: { id: string }[];
  total: number;
}

/** Sessions are kept by the auth service. Throws 503 when it cannot be asked. Owns its connections until `close`. */
export interface SessionDesk {
  start(userId: string, roles: readonly string[], signal: AbortSignal): Promise<Granted>;
  list(userId: string, page: Page, signal: AbortSignal): Promise<ListedSessions>;
  /** Ends one session (404 when the user has no such) or, without an id, all of them. */
  end(userId: string, sessionId: string | undefined, signal: AbortSignal): Promise<void>;
  isAvailable(signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

const notInUse = () => Promise.reject(authUnavailable(new Error('AUTH_URL is not set')));

/** Where no tokens are in use, nobody can sign in, and there is nothing to end. */
const closedDesk: SessionDesk = {
  start: notInUse,
  list: notInUse,
  end: async () => undefined,
  isAvailable: async () => false,
  close: async () => undefined,
};

export function createSessionDesk({ auth, clock, random, trust, tracer }: ServiceParts): SessionDesk {
  if (auth === undefined) return closedDesk;
  const upstream = createUpstream({
    name: 'auth',
    baseUrl: auth.url,
    clock,
    random,
    trust,
    tracer,
    credentials: basicCredentials('users', auth.secret),
  });
  return {
    start: async (user_id, roles, signal) => {
      const body = { grant: 'user', user_id, roles };
      return await expecting(upstream, { path: '/internal/create-token', body, signal }, isGranted);
    },
    list: async (userId, { limit, offset }, signal) => {
      const path = `/internal/sessions/${encodeURIComponent(userId)}?limit=${limit}&offset=${offset}`;
      return await expecting(upstream, { path, signal }, isListed);
    },
    end: async (user_id, session_id, signal) => {
      const body = { user_id, ...(session_id === undefined ? {} : { session_id }) };
      const path = '/internal/end-sessions';
      const { status } = await upstream.call({ method: 'POST', path, body, isHarmless: true, signal });
      if (status === 404 && session_id !== undefined) throw notFound('session', session_id);
      if (status !== 200) throw authUnavailable(new Error(`the auth service answered ${status}`));
    },
    isAvailable: upstream.isAvailable,
    close: upstream.close,
  };
}

interface Question {
  path: string;
  /** With a body it is a POST. */
  body?: object;
  signal: AbortSignal;
}

async function expecting<T extends object>(
  upstream: Upstream,
  { path, body, signal }: Question,
  isExpected: (body: object) => body is T,
): Promise<T> {
  const method = body === undefined ? 'GET' : 'POST';
  const answer = await upstream.call({ method, path, ...(body === undefined ? {} : { body }), signal });
  const { status, body: answered } = answer;
  if (status === 200 && typeof answered === 'object' && answered !== null && isExpected(answered))
    return answered;
  // A 401 or 403 is a mistake in the shop's settings (SERVICE_SECRET), not of whoever asks.
  throw authUnavailable(new Error(`the auth service answered ${status} to ${method} ${path}`));
}

function isGranted(body: object): body is Granted {
  return 'access_token' in body && 'refresh_token' in body && 'session_id' in body;
}

function isListed(body: object): body is ListedSessions {
  return 'sessions' in body && Array.isArray(body.sessions) && 'total' in body;
}
