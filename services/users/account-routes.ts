import {
  forbidden,
  formatMoney,
  type Identity,
  pageOf,
  type Role,
  type Route,
  route,
  tokenMissing,
} from '../kit/index.ts';
import type { Accounts } from './accounts.ts';
import type { SessionDesk } from './session-desk.ts';
import type { UserRow } from './store.ts';
import type { Users } from './users.ts';

interface RoutesParts {
  users: Users;
  accounts: Accounts;
  sessions: SessionDesk;
}

interface RegisterBody {
  username: string;
  password: string;
  email: string;
  first_name?: string;
  last_name?: string;
  phone?: string;
}

type ChangeBody = Partial<Pick<RegisterBody, 'email' | 'first_name' | 'last_name' | 'phone'>>;

const open = { access: 'public' } as const;

/** Signing in, one's own profile and one's sessions, as `contracts/openapi/users.yaml` describes them. */
export function accountRoutes({ users, accounts, sessions }: RoutesParts): Route[] {
  return [
    route<{ username: string; password: string }>(
      'POST',
      '/login',
      async ({ body, signal }) => {
        const { tokens, user } = await accounts.signIn(body.username, body.password, signal);
        const headers = { 'cache-control': 'no-store' };
        return { status: 200, body: { ...tokens, user: profileBody(user) }, headers };
      },
      open,
    ),
    route<RegisterBody>(
      'POST',
      '/register',
      async ({ body, signal }) => {
        const user = await accounts.register(body, signal);
        return { status: 201, body: profileBody(user), headers: { location: `/api/users/${user.id}` } };
      },
      open,
    ),
    route('GET', '/profile', async ({ identity }) => ({
      status: 200,
      body: profileBody(await users.get(userIdOf(identity))),
    })),
    route<ChangeBody>('PUT', '/profile', async ({ identity, body }) => ({
      status: 200,
      body: profileBody(await accounts.change(userIdOf(identity), body)),
    })),
    route<{ roles: Role[] }>(
      'PUT',
      '/api/users/{id}/roles',
      async (call) => {
        const user = await accounts.setRoles(call.path('id'), call.body.roles, call.signal);
        return { status: 200, body: profileBody(user) };
      },
      { access: 'admin' },
    ),
    ...sessionRoutes(sessions),
  ];
}

function sessionRoutes(sessions: SessionDesk): Route[] {
  return [
    route('GET', '/sessions', async (call) => {
      const page = pageOf(call);
      const listed = await sessions.list(userIdOf(call.identity), page, call.signal);
      const current = call.identity.sessionId;
      const marked = listed.sessions.map((session) => ({ ...session, is_current: session.id === current }));
      return { status: 200, body: { sessions: marked, total: listed.total, ...page } };
    }),
    route('DELETE', '/sessions/{id}', async (call) => {
      await sessions.end(userIdOf(call.identity), call.path('id'), call.signal);
      return { status: 200, body: { session_id: call.path('id'), status: 'ended' } };
    }),
  ];
}

/** Some things only somebody who has signed in has, also where everybody may do everything. */
function userIdOf({ kind, id }: Identity): string {
  if (kind === 'anonymous' || id === undefined) throw tokenMissing();
  if (kind !== 'user') throw forbidden('Only a user has this.');
  return id;
}

/** Everything about users but their passwords. */
function profileBody(user: UserRow) {
  const roles: string[] = JSON.parse(user.roles);
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    first_name: user.first_name,
    last_name: user.last_name,
    phone: user.phone,
    roles,
    balance: formatMoney(user.balance),
    created_at: user.created_at,
    updated_at: user.updated_at,
  };
}
