import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type DatabaseAddress, openDatabase, parseDatabase, shownDatabase } from '../../database/index.ts';
import { ShopctlError } from '../../errors/index.ts';
import type { Check, Diagnosis, Scene } from '../diagnosis.ts';

const LIMIT_MS = 2_000;

export const database: Check = {
  name: 'database',
  look: async (scene, signal) => {
    const { addresses, wrong } = databasesOf(scene);
    return [...wrong, ...(await Promise.all(addresses.map((address) => open(address, signal))))];
  },
};

/** The databases of the topology's services (`database:`), and what DATABASE_URL names, each once. */
export function databasesOf({ project, env, root }: Scene): {
  readonly addresses: readonly DatabaseAddress[];
  readonly wrong: readonly Diagnosis[];
} {
  const services = project?.services ?? [];
  const ofServices = services.flatMap(({ database: address }) => (address === undefined ? [] : [address]));
  const urls = services.flatMap((spec) => (spec.kind === 'own' ? [spec.env['DATABASE_URL'] ?? ''] : []));
  const wrong: Diagnosis[] = [];
  const named = new Set([...urls, env['DATABASE_URL'] ?? ''].filter((url) => url !== ''));
  const ofEnvironment = [...named].flatMap((url) => {
    const address = parseDatabase(url, (path) => resolve(root, path));
    if ('kind' in address) return [address];
    // The text itself may hold a password.
    wrong.push({ level: 'warning', message: `DATABASE_URL: ${address.reason}`, remedy: address.hint });
    return [];
  });
  // What was named last wins: DATABASE_URL before the databases that services make on the same server.
  const all = [...ofServices, ...ofEnvironment].filter(isThereToLookAt);
  return { addresses: [...new Map(all.map((one) => [placeOf(one), one])).values()], wrong };
}

/** One look is enough for all databases of a server that are opened as the same user. */
function placeOf(address: DatabaseAddress): string {
  if (address.kind === 'sqlite') return address.file;
  const { host, username, password } = new URL(address.url);
  return [host, username, password].join(' ');
}

/** Services make their files when they first run. */
const isThereToLookAt = (address: DatabaseAddress) => address.kind !== 'sqlite' || existsSync(address.file);

/** Whether a database can be read, and of a server which version it is. What is said of it never holds the password. */
export async function open(address: DatabaseAddress, signal: AbortSignal): Promise<Diagnosis> {
  const shown = shownDatabase(address);
  const [product, version] =
    address.kind === 'sqlite'
      ? ['SQLite', 'SELECT sqlite_version()']
      : ['PostgreSQL', "SELECT current_setting('server_version')"];
  try {
    const reader = await openDatabase(address, { signal, timeoutMs: LIMIT_MS });
    const { rows } = await reader.query(version, 1);
    return { level: 'ok', message: `${product} ${rows[0]?.[0]} reads ${shown}` };
  } catch (error) {
    if (!(error instanceof ShopctlError)) throw error;
    if (error.code === 'database-missing' && address.kind === 'postgresql') return notMadeYet(shown);
    return {
      level: 'problem',
      message: error.message,
      remedy: error.hint ?? 'correct `database:` in the configuration, or DATABASE_URL',
    };
  }
}

const notMadeYet = (shown: string): Diagnosis => ({
  level: 'warning',
  message: `the server lets us in, but has no database ${shown}`,
  remedy: 'services that make their own need nothing; for others make it with `createdb`',
});
