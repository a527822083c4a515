import {
  type Bus,
  type Clock,
  fingerprint,
  formatMoney,
  type Listed,
  notFound,
  type Outcome,
  once,
  type Page,
  Problem,
  type RememberedRequest,
  recordOutcome,
  replayed,
  type ServiceParts,
  type Store,
  type Transaction,
  timestamp,
} from '../kit/index.ts';
import { tellOf } from './events.ts';
import { noDetails, type UserRow, type UsersStore } from './store.ts';

/** Amounts are minor units. */
interface NewUser {
  username: string;
  email: string;
  balance: number;
}

interface BalanceChange {
  userId: string;
  operation: 'debit' | 'credit';
  amount: number;
  reference: string | undefined;
  /** The idempotency key, if one was sent. */
  key: string | undefined;
  /**
   * Aborted when whoever asked is gone: they may have asked again meanwhile and believed the second answer, so the
   * first must not take effect any more.
   */
  signal: AbortSignal;
}

/** The rules of the users service. Errors that callers may see are `Problem`s. */
export interface Users {
  list(page: Page): Promise<Listed<UserRow>>;
  get(id: string): Promise<UserRow>;
  create(user: NewUser): Promise<UserRow>;
  /** Atomic; 409 and unchanged when the balance would go below zero. Answers what to answer, perhaps once more. */
  changeBalance(change: BalanceChange): Promise<Outcome>;
}

interface UsersParts {
  store: Store;
  rows: UsersStore;
  bus: Bus;
  clock: Clock;
  newId: ServiceParts['newId'];
}

export function createUsers(parts: UsersParts): Users {
  const { store, rows, bus, clock, newId } = parts;
  return {
    list: rows.list,
    get: async (id) => {
      const user = await rows.find(id);
      if (user === undefined) throw notFound('user', id);
      return user;
    },
    create: (facts) =>
      store.transaction(async (transaction) => {
        const id = await newId(transaction, 'users');
        const now = timestamp(clock);
        const user = {
          ...noDetails,
          ...facts,
          id,
          created_at: now,
          updated_at: now,
          roles: JSON.stringify(['customer']),
          password: null,
        };
        if (!(await rows.insert(transaction, user))) throw usernameTaken(facts.username);
        await tellOf(bus, transaction, 'user.created', user);
        return user;
      }),
    changeBalance: (change) => store.transaction((transaction) => changeBalance(parts, transaction, change)),
  };
}

async function changeBalance(
  { rows, clock }: UsersParts,
  transaction: Transaction,
  change: BalanceChange,
): Promise<Outcome> {
  const { userId, operation, amount, reference, signal } = change;
  signal.throwIfAborted();
  const request = remembered(change);
  const earlier = await once(transaction, request);
  if (earlier !== undefined) return replayed(earlier);
  const row = {
    user_id: userId,
    operation,
    amount,
    reference: reference ?? null,
    created_at: timestamp(clock),
  };
  const balance = await rows.change(transaction, row);
  if (balance === undefined) throw await whyUnchanged(rows, transaction, change);
  const outcome = { status: 200, body: { user_id: userId, balance: formatMoney(balance) }, headers: {} };
  await recordOutcome(transaction, request, outcome);
  return outcome;
}

function remembered({ key, signal: _signal, ...asked }: BalanceChange): RememberedRequest | undefined {
  return key === undefined ? undefined : { key, fingerprint: fingerprint('changeBalance', asked) };
}

async function whyUnchanged(
  rows: UsersStore,
  transaction: Transaction,
  change: BalanceChange,
): Promise<Problem> {
  const user = await rows.findIn(transaction, change.userId);
  if (user === undefined) return notFound('user', change.userId);
  const balance = formatMoney(user.balance);
  const amount = formatMoney(change.amount);
  if (change.operation === 'debit') {
    return new Problem({
      status: 409,
      kind: 'insufficient-funds',
      title: 'The balance is too small',
      detail: `The balance ${balance} is less than ${amount}.`,
      members: { balance },
    });
  }
  return new Problem({
    status: 409,
    kind: 'balance-limit',
    title: 'The balance would be too large',
    detail: `The balance ${balance} cannot grow by ${amount}.`,
    members: { balance },
  });
}

/** 409: usernames are unique. */
export function usernameTaken(username: string): Problem {
  return new Problem({
    status: 409,
    kind: 'username-taken',
    title: 'The username is taken',
    detail: `There is already a user named "${username}".`,
  });
}
