import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Client } from 'pg';
import { type Driver, withClient } from './server-connection.ts';
import { codeOf } from './server-failure.ts';
import { databaseNameOf, type ServerDatabase } from './server-settings.ts';

/** Makes the database where there is none, and makes it anew where it is to begin empty. */
export async function bringAbout(driver: Driver, database: ServerDatabase): Promise<void> {
  const { url, note } = database;
  const isNew = note !== undefined && !existsSync(note);
  if (!isNew && (await isThere(driver, url))) return;
  const name = databaseNameOf(url);
  const server = new URL(url);
  server.pathname = '/postgres';
  await withClient(driver, server.href, async (client) => {
    // Whoever starts at the same moment waits here, and then finds what it needs.
    await client.query('select pg_advisory_lock(hashtext($1))', [name]);
    if (note !== undefined && !existsSync(note)) await beginEmpty(client, name, note);
    else await create(client, name);
  });
}

async function isThere(driver: Driver, url: string): Promise<boolean> {
  try {
    await withClient(driver, url, async (client) => await client.query('select 1'));
    return true;
  } catch (error) {
    if (codeOf(error) === '3D000') return false;
    throw error;
  }
}

/** The note comes last: what is cut off before it is done over. */
async function beginEmpty(client: Client, name: string, note: string): Promise<void> {
  await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
  await create(client, name);
  mkdirSync(dirname(note), { recursive: true });
  writeFileSync(note, `${name}\n`);
}

/** Texts are compared by their bytes, as SQLite does, whatever language the server speaks. */
async function create(client: Client, name: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (rowCount !== 0) return;
  await client.query(
    `create database ${client.escapeIdentifier(name)} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`,
  );
}
