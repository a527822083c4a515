import { isDeepStrictEqual } from 'node:util';
import {
  type Bus,
  type Clock,
  notFound,
  Problem,
  type ServiceParts,
  type Store,
  timestamp,
} from '../kit/index.ts';
import { tellOf } from './events.ts';
import type { Passwords } from './passwords.ts';
import type { SessionDesk } from './session-desk.ts';
import { noDetails, type UserDetails, type UserRow, type UsersStore } from './store.ts';
import { usernameTaken } from './users.ts';

interface NewAccount extends Partial<UserDetails> {
  username: string;
  password: string;
  email: string;
}

/** What a login leads to: the tokens as the auth service gives them, and the user. */
interface SignedIn {
  tokens: object;
  user: UserRow;
}

/** The rules of accounts: who may sign in, and what they may change. Errors that callers may see are `Problem`s. */
export interface Accounts {
  /** Whoever leaves before it is done has no account. */
  register(account: NewAccount, signal: AbortSignal): Promise<UserRow>;
  /** Throws the same 401 for an unknown user and for a wrong password. */
  signIn(username: string, password: string, signal: AbortSignal): Promise<SignedIn>;
  /** Changes what is given, and leaves the rest. */
  change(userId: string, changes: Partial<UserDetails & Pick<UserRow, 'email'>>): Promise<UserRow>;
  /** Also ends the user's sessions, whose tokens still say the old roles. */
  setRoles(userId: string, roles: readonly string[], signal: AbortSignal): Promise<UserRow>;
}

interface AccountsParts {
  store: Store;
  rows: UsersStore;
  bus: Bus;
  clock: Clock;
  newId: ServiceParts['newId'];
  passwords: Passwords;
  sessions: SessionDesk;
}

export function createAccounts(parts: AccountsParts): Accounts {
  const { store, rows, bus, clock, passwords, sessions } = parts;
  const update = (userId: string, changes: Partial<UserRow>) =>
    store.transaction(async (transaction) => {
      const before = await rows.findIn(transaction, userId);
      const user = await rows.update(transaction, userId, changes);
      if (before === undefined || user === undefined) throw notFound('user', userId);
      // Asking for what is so already is no news.
      if (isDeepStrictEqual(before, user)) return user;
      const updated_at = timestamp(clock);
      await rows.update(transaction, userId, { updated_at });
      await tellOf(bus, transaction, 'user.updated', user);
      return { ...user, updated_at };
    });
  return {
    register: (account, signal) => register(parts, account, signal),
    signIn: async (username, password, signal) => {
      const user = await rows.findByName(username);
      const isRight = await passwords.isRight(password, user?.password, signal);
      if (user === undefined || !isRight) throw wrongCredentials();
      const roles: string[] = JSON.parse(user.roles);
      return { tokens: await sessions.start(user.id, roles, signal), user };
    },
    change: update,
    setRoles: async (userId, roles, signal) => {
      const user = await update(userId, { roles: JSON.stringify(roles) });
      // When this fails the answer is an error, and asking again does both once more.
      await sessions.end(userId, undefined, signal);
      return user;
    },
  };
}

async function register(
  { store, rows, bus, clock, newId, passwords }: AccountsParts,
  account: NewAccount,
  signal: AbortSignal,
) {
  // Slow, so that no transaction may wait for it.
  const password = await passwords.hash(account.password, signal);
  signal.throwIfAborted();
  const now = timestamp(clock);
  return await store.transaction(async (transaction) => {
    const user: UserRow = {
      ...noDetails,
      ...account,
      id: await newId(transaction, 'users'),
      balance: 0,
      created_at: now,
      updated_at: now,
      roles: JSON.stringify(['customer']),
      password,
    };
    if (!(await rows.insert(transaction, user))) throw usernameTaken(account.username);
    await tellOf(bus, transaction, 'user.created', user);
    return user;
  });
}

function wrongCredentials(): Problem {
  return new Problem({
    status: 401,
    kind: 'wrong-credentials',
    title: 'The username or the password is wrong',
    detail: 'There is no user with this username and this password.',
    headers: { 'www-authenticate': 'Bearer' },
  });
}
