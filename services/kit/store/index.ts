// Where a service keeps its rows: an SQLite file or a PostgreSQL database behind knex, with migrations, transactions and
// idempotency keys. It must not know what the rows mean, and only full-text search may ask which of the two it is.
export {
  fingerprint,
  forgetOutcome,
  keyReused,
  type Outcome,
  once,
  type RememberedRequest,
  recordOutcome,
  replayed,
} from './idempotency.ts';
export { type Listed, listPage, type Page } from './list-page.ts';
export type { Migration } from './migrations.ts';
export { openStore } from './open.ts';
export { isAway } from './server-failure.ts';
export {
  type DatabaseSettings,
  databaseFor,
  parseServerUrl,
  type ServerDatabase,
  serverUrlForm,
} from './server-settings.ts';
export type { Dialect, Store, Transaction } from './store.ts';
