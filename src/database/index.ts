/**
 * Looks into a service's own database, SQLite or PostgreSQL, and never changes it.
 * Knows nothing of services, probes or the command line, and opens nothing that it does not close.
 */
import type { DatabaseAddress } from './address.ts';
import type { DatabaseReader, ReadLimits } from './reader.ts';

export { type BadAddress, type DatabaseAddress, parseDatabase, shownDatabase } from './address.ts';
export type { Cell, DatabaseReader, Rows } from './reader.ts';
export { readStatement } from './statement.ts';

/**
 * A database to read from. Drivers are loaded here, only the one that is needed.
 * @throws ShopctlError `dependency-missing`, `database-missing`, `database-unreadable`
 */
export async function openDatabase(address: DatabaseAddress, limits: ReadLimits): Promise<DatabaseReader> {
  if (address.kind === 'sqlite') return (await import('./sqlite.ts')).openSqlite(address.file, limits);
  return (await import('./postgresql.ts')).openPostgresql(address, limits);
}
