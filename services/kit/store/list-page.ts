import type { Knex } from 'knex';

/** Which part of a list is asked for. */
export interface Page {
  limit: number;
  offset: number;
}

/** One part of a list, and how long the whole list is. */
export interface Listed<Row> {
  rows: Row[];
  total: number;
}

/** The rows of a table that match, in the order in which they were inserted (column `seq`). */
export async function listPage<Row>(
  database: Knex,
  table: string,
  { limit, offset, where = {} }: Page & { where?: Readonly<Record<string, string>> },
): Promise<Listed<Row>> {
  const rows: Row[] = await database(table).where(where).orderBy('seq').limit(limit).offset(offset);
  const [count] = await database(table).where(where).count({ total: '*' });
  return { rows, total: Number(count?.['total']) };
}
