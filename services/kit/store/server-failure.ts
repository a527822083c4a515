import { ExitError } from '../exit-error.ts';
import { firstLineOf } from './first-line.ts';
import { databaseNameOf, type ServerDatabase } from './server-settings.ts';

/** The code of an error of Node or of PostgreSQL (appendix A of its manual); empty when it has none. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

const silent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ECONNRESET', 'EPIPE'];

/** Shutting down, starting up, out of connections, out of time. */
const unable = ['57P01', '57P02', '57P03', '53300', '57014', '25P03'];

/** Whether the database could not be asked, which may be otherwise in a moment. */
export function isAway(error: unknown): boolean {
  const code = codeOf(error);
  if (silent.includes(code) || unable.includes(code) || code.startsWith('08')) return true;
  return error instanceof Error && /^(Connection (terminated|ended)|timeout expired)/.test(error.message);
}

/** Says what is wrong and what to do about it, with nothing of what DATABASE_URL may hold besides the address. */
export function cannotOpen({ url, pool }: ServerDatabase, error: unknown): ExitError {
  if (error instanceof ExitError) return error;
  const name = databaseNameOf(url);
  const { host } = new URL(url);
  return new ExitError(sentencesFor(error, { name, host, pool }), 3, { cause: error });
}

interface Asked {
  name: string;
  host: string;
  pool: number;
}

function sentencesFor(error: unknown, { name, host, pool }: Asked): string[] {
  const code = codeOf(error);
  if (code === '53300')
    return [
      `The PostgreSQL server at ${host} has no connection left for the database ${name}.`,
      `Raise its max_connections, or lower DATABASE_POOL (${pool} for each service).`,
    ];
  if (code.startsWith('28') || /password must be a string/.test(firstLineOf(error)))
    return [
      `The PostgreSQL server at ${host} does not let in whom DATABASE_URL names.`,
      'Correct the user and the password in DATABASE_URL, or what pg_hba.conf of the server allows.',
    ];
  if (code === '42501')
    return [
      `The role of DATABASE_URL may not make or use the database ${name} at ${host}.`,
      `Let it make databases ("alter role … createdb"), or make this one for it: "createdb -O <role> -T template0 --locale=C ${name}".`,
    ];
  if (isAway(error))
    return [
      `No PostgreSQL server answers at ${host}: ${firstLineOf(error) || code}.`,
      'Start it or correct DATABASE_URL; without DATABASE_URL the data is kept in an SQLite file.',
    ];
  return [`The database ${name} at ${host} cannot be opened: ${firstLineOf(error)}.`];
}
