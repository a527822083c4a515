import type { Migration, Transaction } from '../kit/index.ts';

/** What this service knows of a user: what the users service told last. */
export interface AccountRow {
  user_id: string;
  /** JSON list. */
  roles: string;
  /** When what was told last has happened, as text that sorts by time. */
  told_at: string;
}

export const accountMigrations: readonly Migration[] = [
  {
    name: 'auth-002-accounts',
    up: async (database) => {
      await database.schema.createTable('accounts', (table) => {
        table.text('user_id').primary();
        table.text('roles').notNullable();
        table.text('told_at').notNullable();
      });
    },
  },
];

/** Answers false, and changes nothing, when something later is known. */
export async function learnAccount(transaction: Transaction, account: AccountRow): Promise<boolean> {
  const learnt: unknown[] = await transaction('accounts')
    .insert(account)
    .onConflict('user_id')
    .merge()
    .where('accounts.told_at', '<=', account.told_at)
    .returning('user_id');
  return learnt.length === 1;
}
