import { notFound, type Upstream, upstreamNonsense } from '../kit/index.ts';

/** Who exists, as the users service knows it. */
export interface UserDirectory {
  /** The e-mail address of a user. Throws 404 for an unknown user, 502 to 504 when nobody can tell. */
  emailOf(userId: string, signal: AbortSignal): Promise<string>;
}

export function createUserDirectory(users: Upstream): UserDirectory {
  return {
    emailOf: async (userId, signal) => {
      const path = `/api/users/${encodeURIComponent(userId)}`;
      const { status, body } = await users.call({ method: 'GET', path, signal });
      if (status === 404) throw notFound('user', userId);
      const email = typeof body === 'object' && body !== null && 'email' in body ? body.email : undefined;
      if (status !== 200 || typeof email !== 'string') {
        throw upstreamNonsense('users', `answered ${status} without a user`);
      }
      return email;
    },
  };
}
