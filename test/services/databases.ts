import { createHash, randomBytes } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { ServerDatabase } from '../../services/kit/store/index.ts';
import { runPrefix, testServerUrl } from './test-server.ts';

/** Where a test's service keeps its rows, as `openStore` and `ServiceParts` take it. */
export interface Place {
  file: string;
  database: ServerDatabase | undefined;
}

/** Whether services under test run on PostgreSQL (`TEST_DATABASE_URL`) or, as usual, on SQLite files. */
export const isOnServer = Boolean(process.env['TEST_DATABASE_URL']);

/** The place of a service's data in a folder: the same folder is the same data, also after a restart. */
export function placeIn(folder: string, name: string, onServer = isOnServer): Place {
  const file = join(folder, `${name}.db`);
  return { file, database: onServer ? databaseNamed(nameIn(folder, name)) : undefined };
}

/** A database that nobody else has, which is made when it is opened and dropped at the end of the run. */
export function ownDatabase(): ServerDatabase {
  return databaseNamed(`${runPrefix}${randomBytes(5).toString('hex')}`);
}

/** Drops the database of a place, if it has one. */
export async function forgetPlace({ database }: Place): Promise<void> {
  if (database === undefined) return;
  await askServer(`drop database if exists "${new URL(database.url).pathname.slice(1)}" with (force)`);
}

/** A server for services that name their databases themselves, as processes do: all begin with a name of their own. */
export function ownServer(): { url: string; databases(): Promise<string[]>; forget(): Promise<void> } {
  const name = `${runPrefix}${randomBytes(2).toString('hex')}`;
  const { url } = databaseNamed(name);
  const databases = async () => {
    const rows = await askServer(`select datname from pg_database where starts_with(datname, '${name}_')`);
    return rows.map(({ datname }) => String(datname));
  };
  const forget = async () => {
    for (const database of await databases())
      await askServer(`drop database if exists "${database}" with (force)`);
  };
  return { url, databases, forget };
}

/** What was written until now, in another folder: as if whoever writes had died. Whoever does has no database afterwards. */
export async function copyData(from: string, to: string, name: string): Promise<void> {
  await cp(from, to, { recursive: true });
  if (!isOnServer) return;
  const [source, copy] = [nameIn(from, name), nameIn(to, name)];
  await askServer(`alter database "${source}" allow_connections false`);
  await askServer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${source}'`);
  await askServer(`create database "${copy}" template "${source}"`);
}

function nameIn(folder: string, name: string): string {
  return `${runPrefix}${createHash('sha256').update(`${folder} ${name}`).digest('hex').slice(0, 10)}`;
}

function databaseNamed(name: string): ServerDatabase {
  const url = new URL(testServerUrl);
  url.pathname = `/${name}`;
  return { url: url.href, pool: 4 };
}

async function askServer(sql: string): Promise<Record<string, unknown>[]> {
  const url = new URL(testServerUrl);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    const { rows } = await client.query(sql);
    return rows;
  } finally {
    await client.end();
  }
}
