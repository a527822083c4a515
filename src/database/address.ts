/** Where a database is. Only {@link shownDatabase} may be printed: a URL can hold a password. */
export type DatabaseAddress =
  /** Absolute path. */
  | { readonly kind: 'sqlite'; readonly file: string }
  /** `schema`: where tables are looked for that are named without one. */
  | { readonly kind: 'postgresql'; readonly url: string; readonly schema?: string };

/** What is wrong with a text that should say where a database is. */
export interface BadAddress {
  readonly reason: string;
  readonly hint: string;
}

const FORMS =
  'write the path of an SQLite file (`data/users.db`, `sqlite:PATH`), or postgres://USER@HOST:PORT/DATABASE';

/** @param absolute makes a path of the configuration absolute */
export function parseDatabase(
  text: string,
  absolute: (path: string) => string,
): DatabaseAddress | BadAddress {
  if (text.startsWith('sqlite:')) return sqliteFile(text.slice('sqlite:'.length), absolute);
  if (/^postgres(ql)?:/.test(text)) return serverDatabase(text);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return { reason: `databases of the kind ${text.split(':')[0]} are not known here`, hint: FORMS };
  if (/\.(db|sqlite3?)$/i.test(text)) return sqliteFile(text, absolute);
  return { reason: `\`${text}\` does not say what kind of database it is`, hint: FORMS };
}

function sqliteFile(path: string, absolute: (path: string) => string): DatabaseAddress | BadAddress {
  const isNone = path === '' || path.startsWith(':memory:') || path.startsWith('//');
  if (isNone)
    return {
      reason: 'it names no SQLite file',
      hint: 'only a file can be looked into from outside: sqlite:PATH',
    };
  return { kind: 'sqlite', file: absolute(path) };
}

function serverDatabase(text: string): DatabaseAddress | BadAddress {
  const isWhole = URL.canParse(text) && new URL(text).hostname !== '';
  if (isWhole && isDecodable(new URL(text))) return { kind: 'postgresql', url: text };
  // The text is not repeated: it may hold a password.
  return {
    reason: 'it is no address of a PostgreSQL database',
    hint: 'write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with `%2F` and the like for special characters',
  };
}

function isDecodable({ username, password, pathname }: URL): boolean {
  try {
    for (const part of [username, password, pathname]) decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/** The database as it may be shown: without user and password. */
export function shownDatabase(address: DatabaseAddress): string {
  if (address.kind === 'sqlite') return address.file;
  const { host, pathname } = new URL(address.url);
  const schema = address.schema === undefined ? '' : `, schema ${address.schema}`;
  return `${host}${decodeURIComponent(pathname)}${schema}`;
}
