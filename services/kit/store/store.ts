import type { Knex } from 'knex';

/** What rules and stores write with: every statement in it is committed together or not at all. */
export type Transaction = Knex.Transaction;

/** Which SQL is understood, for the few places where that makes a difference. */
export type Dialect = 'sqlite' | 'postgresql';

/** An open database. Owns its connections until `close`. */
export interface Store {
  dialect: Dialect;
  /** For single statements outside a transaction. */
  read: Knex;
  /**
   * As if no other transaction ran beside it. On PostgreSQL that may take several attempts, so `work` can run more than
   * once: it changes nothing but rows. Throws a 503 problem (`database-busy`) when no attempt went through.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Resolves when the database answers; rejects when it does not. */
  ping(): Promise<void>;
  /** Resolves when what runs has ended and every connection is closed. */
  close(): Promise<void>;
}
