import {
  formatMoney,
  pageOf,
  type Route,
  requireActFor,
  requireMoney,
  requirePositiveMoney,
  requireRole,
  route,
} from '../kit/index.ts';
import type { UserRow } from './store.ts';
import type { Users } from './users.ts';

interface NewUserBody {
  username: string;
  email: string;
  balance?: string | number;
}

interface BalanceChangeBody {
  operation: 'debit' | 'credit';
  amount: string | number;
  reference?: string;
}

/** What the users service answers, as `contracts/openapi/users.yaml` describes it. */
export function usersRoutes(users: Users): Route[] {
  return [
    route('GET', '/api/users', async (call) => {
      requireRole(call.identity, 'support', 'admin', 'service');
      const page = pageOf(call);
      const { rows, total } = await users.list(page);
      return { status: 200, body: { users: rows.map(userBody), total, ...page } };
    }),
    route<NewUserBody>(
      'POST',
      '/api/users',
      async ({ body }) => {
        const balance = requireMoney(body.balance ?? 0, '#/balance');
        const user = await users.create({ username: body.username, email: body.email, balance });
        return { status: 201, body: userBody(user), headers: { location: `/api/users/${user.id}` } };
      },
      { access: 'admin' },
    ),
    route('GET', '/api/users/{id}', async (call) => {
      requireActFor(call.identity, call.path('id'));
      return { status: 200, body: userBody(await users.get(call.path('id'))) };
    }),
    route('GET', '/api/users/{id}/balance', async (call) => {
      requireActFor(call.identity, call.path('id'));
      const { id, balance } = await users.get(call.path('id'));
      return { status: 200, body: { user_id: id, balance: formatMoney(balance) } };
    }),
    route<BalanceChangeBody>(
      'POST',
      '/api/users/{id}/balance',
      async (call) => {
        const { operation, amount, reference } = call.body;
        return await users.changeBalance({
          userId: call.path('id'),
          operation,
          amount: requirePositiveMoney(amount, '#/amount'),
          reference,
          key: call.header('idempotency-key'),
          signal: call.signal,
        });
      },
      { access: 'service' },
    ),
  ];
}

function userBody(user: UserRow) {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    balance: formatMoney(user.balance),
    created_at: user.created_at,
  };
}
