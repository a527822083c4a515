import {
  type Listed,
  listPage,
  type Migration,
  type Page,
  type Store,
  type Transaction,
} from '../kit/index.ts';

/** A session as it is stored: everything that one login led to. Times as milliseconds are compared, texts are shown. */
export interface SessionRow {
  id: string;
  user_id: string;
  /** JSON list. */
  roles: string;
  /** Which of the session's refresh tokens is the one that counts. */
  generation: number;
  created_at: string;
  refreshed_at: string;
  expires_at_ms: number;
  /** From then on nobody can hold a token of the session that has not expired, so it may be forgotten. */
  forget_at_ms: number;
  ended_at: string | null;
}

/** The SQL of the auth service. */
export interface SessionStore {
  insert(transaction: Transaction, session: SessionRow): Promise<void>;
  find(id: string): Promise<SessionRow | undefined>;
  findIn(transaction: Transaction, id: string): Promise<SessionRow | undefined>;
  /** Moves on to the next generation, if that one counts and the session lasts. Answers the session then. */
  advance(
    transaction: Transaction,
    from: { id: string; generation: number },
    to: Pick<SessionRow, 'refreshed_at' | 'expires_at_ms' | 'forget_at_ms'> & { nowMs: number },
  ): Promise<SessionRow | undefined>;
  /** Ends what matches and has not ended. Answers how many that were. */
  end(
    transaction: Transaction,
    which: Partial<Pick<SessionRow, 'id' | 'user_id'>>,
    how: { ended_at: string; forget_at_ms: number },
  ): Promise<number>;
  /** Those of a user that have not ended. */
  listLasting(transaction: Transaction, userId: string): Promise<SessionRow[]>;
  listOfUser(userId: string, page: Page): Promise<Listed<SessionRow>>;
  forgetOld(transaction: Transaction, nowMs: number): Promise<void>;
}

export const authMigrations: readonly Migration[] = [
  {
    name: 'auth-001-keys-and-sessions',
    up: async (database) => {
      await database.schema.createTable('signing_keys', (table) => {
        table.text('name').primary();
        table.text('jwk').notNullable();
        table.text('created_at').notNullable();
      });
      await database.schema.createTable('sessions', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('user_id').notNullable().index();
        table.text('roles').notNullable();
        table.integer('generation').notNullable();
        table.text('created_at').notNullable();
        table.text('refreshed_at').notNullable();
        table.bigInteger('expires_at_ms').notNullable();
        table.bigInteger('forget_at_ms').notNullable().index();
        table.text('ended_at');
      });
    },
  },
];

/** The private key of this database as a JWK; the first one that is offered stays. */
export async function keepSigningKey(store: Store, make: () => string, createdAt: string): Promise<string> {
  return await store.transaction(async (transaction) => {
    const kept: { jwk: string } | undefined = await transaction('signing_keys')
      .where({ name: 'current' })
      .first();
    if (kept !== undefined) return kept.jwk;
    const jwk = make();
    await transaction('signing_keys').insert({ name: 'current', jwk, created_at: createdAt });
    return jwk;
  });
}

export function createSessionStore({ read }: Store): SessionStore {
  return {
    insert: async (transaction, session) => {
      await transaction('sessions').insert(session);
    },
    find: async (id) => await read<SessionRow>('sessions').where({ id }).first(),
    findIn: async (transaction, id) => await transaction<SessionRow>('sessions').where({ id }).first(),
    advance: async (transaction, from, { nowMs, ...times }) => {
      const advanced: SessionRow[] = await transaction('sessions')
        .where(from)
        .whereNull('ended_at')
        .where('expires_at_ms', '>', nowMs)
        .update({ ...times, generation: from.generation + 1 })
        .returning('*');
      return advanced[0];
    },
    end: async (transaction, which, how) =>
      await transaction('sessions').where(which).whereNull('ended_at').update(how),
    listLasting: async (transaction, user_id) =>
      await transaction<SessionRow>('sessions').where({ user_id }).whereNull('ended_at'),
    listOfUser: async (userId, page) =>
      await listPage<SessionRow>(read, 'sessions', { ...page, where: { user_id: userId } }),
    forgetOld: async (transaction, nowMs) => {
      await transaction('sessions').where('forget_at_ms', '<=', nowMs).delete();
    },
  };
}
