import { notFound, type Upstream, upstreamNonsense } from '../kit/index.ts';

/** Who may have a cart. */
export interface Accounts {
  /** Throws 404 for an unknown user, 502 to 504 when nobody can tell. */
  requireUser(userId: string, signal: AbortSignal): Promise<void>;
}

/** Without a users service everybody may have a cart. */
export function createAccounts(users: Upstream | undefined): Accounts {
  return {
    requireUser: async (userId, signal) => {
      if (users === undefined) return;
      const path = `/api/users/${encodeURIComponent(userId)}`;
      const { status } = await users.call({ method: 'GET', path, signal });
      if (status === 404) throw notFound('user', userId);
      if (status !== 200) throw upstreamNonsense('users', `answered ${status} without a user`);
    },
  };
}
