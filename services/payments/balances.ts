import { formatMoney, type Upstream, upstreamNonsense } from '../kit/index.ts';

/** One movement of money; asking for it again with the same `id` moves nothing more. Amounts in minor units. */
interface Movement {
  id: string;
  userId: string;
  amount: number;
  reference: string;
}

export type DebitResult = 'taken' | 'insufficient-funds' | 'unknown-user';

/** The balances of users, as the users service keeps them. Throws 502 to 504 when it is not known what happened. */
export interface Balances {
  debit(movement: Movement, signal?: AbortSignal): Promise<DebitResult>;
  credit(movement: Movement, signal?: AbortSignal): Promise<void>;
}

export function createBalances(users: Upstream): Balances {
  const move = async (operation: 'debit' | 'credit', movement: Movement, signal?: AbortSignal) => {
    const { id, userId, amount, reference } = movement;
    const { status, body } = await users.call({
      method: 'POST',
      path: `/api/users/${encodeURIComponent(userId)}/balance`,
      body: { operation, amount: formatMoney(amount), reference },
      idempotencyKey: id,
      ...(signal === undefined ? {} : { signal }),
    });
    return { status, kind: problemKind(body) };
  };
  return {
    debit: async (movement, signal) => {
      const { status, kind } = await move('debit', movement, signal);
      if (status === 200) return 'taken';
      if (kind === 'insufficient-funds') return 'insufficient-funds';
      if (kind === 'unknown-user') return 'unknown-user';
      throw upstreamNonsense('users', `answered a debit with ${status}`);
    },
    credit: async (movement, signal) => {
      const { status } = await move('credit', movement, signal);
      if (status !== 200) throw upstreamNonsense('users', `answered a credit with ${status}`);
    },
  };
}

/** The last part of a problem's type: a 404 of something that is not the users service must not decline a payment. */
function problemKind(body: unknown): string | undefined {
  const type = typeof body === 'object' && body !== null && 'type' in body ? body.type : undefined;
  return typeof type === 'string' ? type.split(':').at(-1) : undefined;
}
