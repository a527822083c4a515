import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** What the environment says of a PostgreSQL server. */
export interface DatabaseSettings {
  /** It may hold a password, so it is shown to nobody. Its path begins the names of the databases. */
  url: string;
  /** How many connections a service has at most. */
  pool: number;
  /** Whether the databases are those of one data folder: named after it, and as empty as it is when it is new. */
  followsDataDir: boolean;
}

/** One database of a PostgreSQL server. */
export interface ServerDatabase {
  /** With the database's own name as its path. It may hold a password, so it is shown to nobody. */
  url: string;
  /** How many connections there are at most. */
  pool: number;
  /** A file that says that the database has begun; where it is missing, the database begins empty. */
  note?: string | undefined;
}

export const serverUrlForm =
  'the address of a PostgreSQL server such as "postgresql://shop@127.0.0.1:5432/shop", whose path (small letters, digits and "_", at most 30) begins the names of the databases';

/** The address, or undefined when it is none. A path is optional: without it the databases are `shop_users` and so on. */
export function parseServerUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!['postgres:', 'postgresql:'].includes(url.protocol) || url.hostname === '') return undefined;
  return /^\/?$|^\/[a-z][a-z0-9_]{0,29}$/.test(url.pathname) ? url.href : undefined;
}

/** The database of one service: `…/shop` and `users` make `…/shop_users`, or `…/shop_1f0c33d2_users` for one data folder. */
export function databaseFor(
  { url: serverUrl, pool, followsDataDir }: DatabaseSettings,
  service: string,
  dataDir: string,
): ServerDatabase {
  const url = new URL(serverUrl);
  const folder = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 8);
  const names = [url.pathname.slice(1) || 'shop', ...(followsDataDir ? [folder] : []), service];
  url.pathname = `/${names.join('_')}`;
  return {
    url: url.href,
    pool,
    ...(followsDataDir ? { note: join(dataDir, `${service}.database`) } : {}),
  };
}

/** The name of the database in an address. */
export function databaseNameOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}
