import sqlite3 from 'sqlite3';

type Row = Record<string, unknown>;

/** Sees what several SQLite files hold, from outside, while services write to them. */
export interface Stores {
  /** From now on `changes` tells what is different from now. */
  look(): Promise<void>;
  /** What was written since `look`, such as `users.db: table users`; nothing when every row of every table is as it was. */
  changes(): Promise<string[]>;
  /** The tables that lost their columns or all of many rows since `look`: what no text may do. */
  losses(): Promise<string[]>;
  close(): Promise<void>;
}

/** `files` by the names that they are to be called. Every table counts, whatever it is for. */
export async function openStores(files: ReadonlyMap<string, string>): Promise<Stores> {
  const open = await Promise.all([...files].map(async ([name, file]) => await openFile(name, file)));
  const gather = async (find: (one: WatchedFile) => Promise<string[]>) => {
    const found: string[] = [];
    for (const one of open) found.push(...(await find(one)));
    return found;
  };
  return {
    look: async () => {
      for (const one of open) await one.look();
    },
    changes: () => gather((one) => one.compare((before, now) => before.join('\n') !== now.join('\n'))),
    losses: () =>
      gather((one) => one.compare((before, now) => now[0] !== before[0] || isEmptied(before, now))),
    close: async () => {
      for (const one of open) await one.close();
    },
  };
}

/** The definition of a table, then its rows. */
type Dump = ReadonlyMap<string, readonly string[]>;
type IsDifferent = (before: readonly string[], now: readonly string[]) => boolean;

/** One row or two may go for a reason: what was bought is no longer in the cart. */
function isEmptied(before: readonly string[], now: readonly string[]): boolean {
  return now.length === 1 && before.length > 4;
}

interface WatchedFile {
  look(): Promise<void>;
  compare(isDifferent: IsDifferent): Promise<string[]>;
  close(): Promise<void>;
}

async function openFile(name: string, file: string): Promise<WatchedFile> {
  const database = await new Promise<sqlite3.Database>((resolve, reject) => {
    const opened: sqlite3.Database = new sqlite3.Database(file, sqlite3.OPEN_READONLY, (error) =>
      error === null ? resolve(opened) : reject(error),
    );
  });
  const all = (sql: string) =>
    new Promise<Row[]>((resolve, reject) => {
      database.all(sql, (error: Error | null, rows: Row[]) =>
        error === null ? resolve(rows) : reject(error),
      );
    });
  // Another value as soon as any other connection has committed anything (SQLite, "PRAGMA data_version").
  const version = async () => (await all('pragma data_version'))[0]?.['data_version'];
  let seen: unknown;
  let dump: Dump = new Map();
  return {
    look: async () => {
      const now = await version();
      if (now === seen) return;
      dump = await dumpOf(all);
      seen = now;
    },
    compare: async (isDifferent) => {
      if ((await version()) === seen) return [];
      const now = await dumpOf(all);
      const tables = new Set([...dump.keys(), ...now.keys()]);
      return [...tables]
        .filter((table) => isDifferent(dump.get(table) ?? [], now.get(table) ?? []))
        .map((table) => `${name}: table ${table}`);
    },
    close: () => new Promise((resolve) => database.close(() => resolve())),
  };
}

async function dumpOf(all: (sql: string) => Promise<Row[]>): Promise<Dump> {
  // Not which number SQLite would give next: a refused row takes one as well, and nothing of the row stays.
  const tables = await all(
    "select name, sql from sqlite_master where type = 'table' and name <> 'sqlite_sequence' order by name",
  );
  const dump = new Map<string, string[]>();
  for (const { name, sql } of tables) {
    const rows = await all(`select * from "${String(name)}"`);
    dump.set(String(name), [String(sql), ...rows.map((row) => JSON.stringify(row))]);
  }
  return dump;
}
