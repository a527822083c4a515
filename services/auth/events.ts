import { type Bus, readEvent } from '../kit/index.ts';
import { learnAccount } from './accounts.ts';
import type { Sessions } from './sessions.ts';

/**
 * Whatever may have held up the news of a change of roles, tokens with the old ones are refused from then on. Events
 * may arrive in another order than they happened in, so what is older than what is known changes nothing.
 */
export function consumeEvents(bus: Bus, sessions: Sessions): void {
  bus.consume({
    queue: 'auth.user.created',
    read: readAccount,
    handle: async ({ time, data: { user_id, roles } }, transaction) => {
      const account = { user_id, roles: JSON.stringify(roles), told_at: new Date(time).toISOString() };
      if (!(await learnAccount(transaction, account))) return;
      await sessions.endUnlike(user_id, roles, transaction);
    },
  });
}

const readAccount = readEvent('user.created', 'user.updated');
