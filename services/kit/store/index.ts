// Where a service keeps its rows: an SQLite file behind knex, with migrations, transactions and idempotency keys.
// It must not know what the rows mean, and nothing outside this folder may know which database it is.
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
export { openStore, type Store, type Transaction } from './open.ts';
