import { ask } from '../ask.ts';
import { testSecret } from '../start-shop.ts';

/** An `Authorization` header by which a service says who it is. */
export function basic(service: string, secret: string = testSecret): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${service}:${secret}`).toString('base64')}` };
}

export interface Tokens {
  access_token: string;
  refresh_token: string;
  session_id: string;
}

/** A new session of a user at that auth service, as the users service would start it. */
export async function signIn(authUrl: string, userId = '1', roles = ['customer']): Promise<Tokens> {
  const body = { grant: 'user', user_id: userId, roles };
  const answered = await ask('POST', `${authUrl}/internal/create-token`, { body, headers: basic('users') });
  return tokensOf(answered.body);
}

export function tokensOf(body: Record<string, unknown>): Tokens {
  const { access_token, refresh_token, session_id } = body;
  return {
    access_token: String(access_token),
    refresh_token: String(refresh_token),
    session_id: String(session_id),
  };
}
