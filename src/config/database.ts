import { type BadAddress, type DatabaseAddress, parseDatabase } from '../database/index.ts';
import type { Problems } from './problems.ts';
import type { RawDatabase } from './raw.ts';
import type { PlacedService } from './topology.ts';

interface DatabaseSurroundings {
  readonly problems: Problems;
  /** Puts variables into a text. */
  readonly fill: (text: string, path: (string | number)[]) => string;
  /** Makes a path of the configuration absolute. */
  readonly absolute: (path: string) => string;
}

/** Where the database of a service is; undefined where it has none, or what is written cannot be meant. */
export function databaseOf(
  { raw, pathOf }: PlacedService,
  { problems, fill, absolute }: DatabaseSurroundings,
): DatabaseAddress | undefined {
  const { database } = raw;
  if (database === undefined || database === false) return undefined;
  const read =
    typeof database === 'string'
      ? parseDatabase(fill(database, pathOf('database')), absolute)
      : eitherOf(database, (key) => fill(database[key] ?? '', pathOf('database', key)), absolute);
  if ('kind' in read) return read;
  problems.at(pathOf('database'), read.reason, read.hint);
  return undefined;
}

/** A URL counts before a file, so that one variable moves a service from SQLite to PostgreSQL. */
function eitherOf(
  { file, schema }: RawDatabase,
  text: (key: keyof RawDatabase) => string,
  absolute: (path: string) => string,
): DatabaseAddress | BadAddress {
  const url = text('url');
  if (url === '') {
    if (file !== undefined) return parseDatabase(`sqlite:${text('file')}`, absolute);
    return {
      reason: 'neither `file` nor `url` says where the database is',
      hint: 'give `file`, or a `url` that is not empty',
    };
  }
  const address = parseDatabase(url, absolute);
  if (!('kind' in address)) return address;
  if (address.kind === 'sqlite')
    return { reason: 'its `url` is no postgres:// URL', hint: 'write the path of an SQLite file as `file`' };
  const place = new URL(address.url);
  const named = place.pathname.length > 1 ? place.pathname.slice(1) : encodeURIComponent(text('name'));
  place.pathname = `/${named}${encodeURIComponent(text('suffix'))}`;
  return { kind: 'postgresql', url: place.href, ...(schema === undefined ? {} : { schema: text('schema') }) };
}
