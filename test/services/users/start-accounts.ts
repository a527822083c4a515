import { onTestFinished } from 'vitest';
import { type Answered, ask } from '../ask.ts';
import { type Tokens, tokensOf } from '../auth/sign-in.ts';
import type { RunningService } from '../start-service.ts';
import { startAuth, startUsers, testSecret } from '../start-shop.ts';

export interface AccountShop {
  auth: RunningService;
  users: RunningService;
  /** A request to the users service, with the access token of somebody who has signed in. */
  as(who: Tokens | undefined, method: string, path: string, body?: object): Promise<Answered>;
  signIn(username: string, password?: string): Promise<Tokens>;
  validate(token: string): Promise<unknown>;
}

/** The auth and users services with tokens in use and all eleven users; stopped when the test is over. */
export async function startAccounts(): Promise<AccountShop> {
  const auth = await startAuth();
  const users = await startUsers({
    auth: { url: auth.url, secret: testSecret },
    settings: { SEED_USERS: 'full', PASSWORD_COST: '10' },
  });
  onTestFinished(async () => {
    await users.stop();
    await auth.stop();
  });
  return {
    auth,
    users,
    as: (who, method, path, body) =>
      ask(method, `${users.url}${path}`, {
        ...(body === undefined ? {} : { body }),
        headers: who === undefined ? {} : { authorization: `Bearer ${who.access_token}` },
      }),
    signIn: async (username, password = username) =>
      tokensOf((await ask('POST', `${users.url}/login`, { body: { username, password } })).body),
    validate: async (token) => (await ask('POST', `${auth.url}/validate`, { body: { token } })).body['valid'],
  };
}
