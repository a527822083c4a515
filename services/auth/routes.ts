import { forbidden, pageOf, type Route, route } from '../kit/index.ts';
import type { Keys } from './keys.ts';
import { serviceOf } from './service-login.ts';
import type { Sessions, Verdict } from './sessions.ts';
import type { SessionRow } from './store.ts';
import { serviceTokenSeconds, type Tokens } from './tokens.ts';

interface RoutesParts {
  sessions: Sessions;
  tokens: Tokens;
  keys: Keys;
  /** What every service of the shop knows. */
  secret: string;
}

type GrantBody = { grant: 'service' } | { grant: 'user'; user_id: string; roles: string[] };

interface EndBody {
  user_id: string;
  session_id?: string;
}

/** RFC 6749, section 5.1. */
const secretAnswer = { headers: { 'cache-control': 'no-store' } };
/** Tokens and secrets are what these routes check themselves. */
const open = { access: 'public' } as const;

/** What the auth service answers, as `contracts/openapi/auth.yaml` describes it. */
export function authRoutes(parts: RoutesParts): Route[] {
  const { sessions, keys } = parts;
  return [
    route('GET', '/.well-known/jwks.json', async () => ({ status: 200, body: { keys: [keys.jwk] } }), open),
    route<{ token: string }>(
      'POST',
      '/validate',
      async ({ body }) => ({ status: 200, body: verdictBody(await sessions.validate(body.token)) }),
      open,
    ),
    route<{ refresh_token: string }>(
      'POST',
      '/refresh',
      async ({ body }) => ({
        ...secretAnswer,
        status: 200,
        body: await sessions.refresh(body.refresh_token),
      }),
      open,
    ),
    route<{ token: string }>(
      'POST',
      '/logout',
      async ({ body }) => ({
        status: 200,
        body: { session_id: await sessions.logout(body.token), status: 'ended' },
      }),
      open,
    ),
    ...internalRoutes(parts),
  ];
}

/** For services alone, who show the shop's secret. */
function internalRoutes({ sessions, tokens, secret }: RoutesParts): Route[] {
  /** Sessions are the users service's: it is the one who knows who may log in. */
  const requireUsers = (authorization: string | undefined) => {
    if (serviceOf(authorization, secret) !== 'users') throw forbidden('Only the users service may do this.');
  };
  return [
    route<GrantBody>(
      'POST',
      '/internal/create-token',
      async (call) => {
        if (call.body.grant === 'user') {
          requireUsers(call.authorization);
          return {
            ...secretAnswer,
            status: 200,
            body: await sessions.start(call.body.user_id, call.body.roles),
          };
        }
        const sub = serviceOf(call.authorization, secret);
        const access_token = await tokens.access({ sub, roles: ['service'], seconds: serviceTokenSeconds });
        const body = { access_token, token_type: 'Bearer', expires_in: serviceTokenSeconds };
        return { ...secretAnswer, status: 200, body };
      },
      open,
    ),
    route(
      'GET',
      '/internal/sessions/{user_id}',
      async (call) => {
        requireUsers(call.authorization);
        const page = pageOf(call);
        const { rows, total } = await sessions.list(call.path('user_id'), page);
        return { status: 200, body: { sessions: rows.map(sessionBody), total, ...page } };
      },
      open,
    ),
    route<EndBody>(
      'POST',
      '/internal/end-sessions',
      async (call) => {
        requireUsers(call.authorization);
        return { status: 200, body: { ended: await sessions.end(call.body.user_id, call.body.session_id) } };
      },
      open,
    ),
  ];
}

function verdictBody(verdict: Verdict) {
  if (!verdict.valid) return verdict;
  const { identity, expiresAtMs } = verdict.token;
  return {
    valid: true,
    sub: identity.id,
    roles: identity.roles,
    ...(identity.sessionId === undefined ? {} : { session_id: identity.sessionId }),
    expires_at: new Date(expiresAtMs).toISOString(),
  };
}

function sessionBody({ id, created_at, refreshed_at, expires_at_ms, ended_at }: SessionRow) {
  return {
    id,
    created_at,
    refreshed_at,
    expires_at: new Date(expires_at_ms).toISOString(),
    ended_at,
  };
}
