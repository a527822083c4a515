import type pg from 'pg';
import type { Client } from 'pg';
import { ExitError } from '../exit-error.ts';
import { firstLineOf } from './first-line.ts';

/** The package `pg`, which nobody needs who keeps the data in SQLite files. */
export type Driver = typeof pg;

/** A connection that is not open within that time is none. */
export const connectMs = 5_000;

export async function requireDriver(): Promise<Driver> {
  try {
    return (await import('pg')).default;
  } catch (error) {
    const sentences = [
      `The package "pg", by which this service reaches its PostgreSQL database, cannot be loaded: ${firstLineOf(error)}.`,
      'Run "npm install pg", or take DATABASE_URL away to keep the data in an SQLite file.',
    ];
    throw new ExitError(sentences, 3, { cause: error });
  }
}

/** A connection of its own, closed when the work is done; locks that it took end with it. */
export async function withClient<T>(
  driver: Driver,
  url: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new driver.Client({ connectionString: url, connectionTimeoutMillis: connectMs });
  // What breaks while it is idle is told by the next query.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
