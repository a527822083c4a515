import {
  type Listed,
  listPage,
  type Migration,
  maxMinorUnits,
  type Page,
  type Store,
  type Transaction,
} from '../kit/index.ts';

/** A user as it is stored; `balance` in minor units. */
export interface UserRow extends UserDetails {
  id: string;
  username: string;
  email: string;
  balance: number;
  created_at: string;
  /** When the address, the roles or the profile changed last; a balance has changes of its own. */
  updated_at: string;
  /** JSON list. */
  roles: string;
  /** A hash, or null for a user who cannot sign in. */
  password: string | null;
}

/** What users may say about themselves. */
export interface UserDetails {
  first_name: string | null;
  last_name: string | null;
  phone: string | null;
}

export const noDetails: UserDetails = { first_name: null, last_name: null, phone: null };

/** One change of a balance, kept for whoever has to explain it; `amount` in minor units. */
export interface BalanceChangeRow {
  user_id: string;
  operation: 'debit' | 'credit';
  amount: number;
  reference: string | null;
  created_at: string;
}

/** The SQL of the users service. */
export interface UsersStore {
  list(page: Page): Promise<Listed<UserRow>>;
  find(id: string): Promise<UserRow | undefined>;
  /** Inserts unless the username is taken; answers whether it did. */
  insert(transaction: Transaction, user: UserRow): Promise<boolean>;
  findByName(username: string): Promise<UserRow | undefined>;
  /** Undefined when there is no such user. */
  update(transaction: Transaction, id: string, changes: Partial<UserRow>): Promise<UserRow | undefined>;
  isEmpty(transaction: Transaction): Promise<boolean>;
  /** Takes from or adds to a balance in one statement. Answers the new balance, or undefined when nothing changed. */
  change(transaction: Transaction, change: BalanceChangeRow): Promise<number | undefined>;
  findIn(transaction: Transaction, id: string): Promise<UserRow | undefined>;
  /** Continues `IDS=sequence` after the ids of the seeded users. */
  startSequence(transaction: Transaction, last: number): Promise<void>;
}

export const usersMigrations: readonly Migration[] = [
  {
    name: 'users-001-users',
    up: async (database) => {
      await database.schema.createTable('users', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('username').notNullable().unique();
        table.text('email').notNullable();
        table.bigInteger('balance').notNullable().checkBetween([0, maxMinorUnits]);
        table.text('created_at').notNullable();
      });
      await database.schema.createTable('balance_changes', (table) => {
        table.increments('seq');
        table.text('user_id').notNullable().references('users.id');
        table.text('operation').notNullable();
        table.bigInteger('amount').notNullable();
        table.text('reference');
        table.text('created_at').notNullable();
      });
    },
  },
  {
    name: 'users-002-accounts',
    up: async (database) => {
      await database.schema.alterTable('users', (table) => {
        table.text('roles').notNullable().defaultTo('["customer"]');
        table.text('password');
        table.text('first_name');
        table.text('last_name');
        table.text('phone');
      });
    },
  },
  {
    name: 'users-003-updated-at',
    up: async (database) => {
      await database.schema.alterTable('users', (table) => {
        table.text('updated_at');
      });
      await database('users').update({ updated_at: database.ref('created_at') });
    },
  },
];

export function createUsersStore({ read }: Store): UsersStore {
  return {
    list: (page) => listPage<UserRow>(read, 'users', page),
    find: async (id) => await read<UserRow>('users').where({ id }).first(),
    findIn: async (transaction, id) => await transaction<UserRow>('users').where({ id }).first(),
    findByName: async (username) => await read<UserRow>('users').where({ username }).first(),
    update: async (transaction, id, changes) => {
      const updated: UserRow[] = await transaction('users').where({ id }).update(changes).returning('*');
      return updated[0];
    },
    insert: async (transaction, user) => {
      const inserted = await transaction('users')
        .insert(user)
        .onConflict('username')
        .ignore()
        .returning('id');
      return inserted.length === 1;
    },
    isEmpty: async (transaction) => (await transaction('users').first('id')) === undefined,
    change: async (transaction, change) => {
      const { user_id: id, amount, operation } = change;
      const rows = transaction('users').where({ id });
      const changed: { balance: number }[] =
        operation === 'debit'
          ? await rows.where('balance', '>=', amount).decrement('balance', amount).returning('balance')
          : await rows
              .where('balance', '<=', maxMinorUnits - amount)
              .increment('balance', amount)
              .returning('balance');
      if (changed[0] !== undefined) await transaction('balance_changes').insert(change);
      return changed[0]?.balance;
    },
    startSequence: async (transaction, last) => {
      await transaction('sequences').insert({ name: 'users', value: last });
    },
  };
}
