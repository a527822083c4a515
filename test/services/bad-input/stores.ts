import { openReader, type Reader, type Row } from './reader.ts';

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
  const gather = async (find: (one: WatchedFile) => Promise<string[]>) =>
    (await Promise.all(open.map(find))).flat();
  return {
    look: async () => {
      await Promise.all(open.map(async (one) => await one.look()));
    },
    changes: () => gather((one) => one.compare(dumpOf, (before, now) => before !== now)),
    losses: () => gather((one) => one.compare(outlineOf, isLost)),
    close: async () => {
      for (const one of open) await one.close();
    },
  };
}

interface WatchedFile {
  look(): Promise<void>;
  /** The tables whose descriptions differ between the last look and now; undefined describes one that is not there. */
  compare<Description>(
    describe: (reader: Reader) => Promise<ReadonlyMap<string, Description>>,
    isDifferent: (before: Description | undefined, now: Description | undefined) => boolean,
  ): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * What was there at the last look stays to be seen on a connection that stands still, so that no row is read before
 * somebody has written: most requests write nothing.
 */
async function openFile(name: string, file: string): Promise<WatchedFile> {
  const [past, present] = await Promise.all([openReader(file), openReader(file)]);
  let seen: unknown;
  return {
    look: async () => {
      const now = await present.version();
      if (now === seen) return;
      await past.standStill();
      seen = now;
    },
    compare: async (describe, isDifferent) => {
      if ((await present.version()) === seen) return [];
      const [before, now] = await Promise.all([describe(past), describe(present)]);
      return [...new Set([...before.keys(), ...now.keys()])]
        .filter((table) => isDifferent(before.get(table), now.get(table)))
        .map((table) => `${name}: table ${table}`);
    },
    close: async () => {
      await past.close();
      await present.close();
    },
  };
}

/** The definition of each table and all of its rows. */
async function dumpOf(reader: Reader): Promise<ReadonlyMap<string, string>> {
  const dump = new Map<string, string>();
  for (const { name, sql } of await tablesOf(reader)) {
    const rows = await reader.all(`select * from "${name}"`);
    dump.set(name, [sql, ...rows.map((row) => JSON.stringify(row))].join('\n'));
  }
  return dump;
}

interface Outline {
  sql: string;
  rows: number;
}

/** The definition of each table and how many rows it has. */
async function outlineOf(reader: Reader): Promise<ReadonlyMap<string, Outline>> {
  const tables = await tablesOf(reader);
  const counts = tables.map(({ name }) => `(select count(*) from "${name}") as "${name}"`);
  const [counted = {}]: Row[] = counts.length === 0 ? [] : await reader.all(`select ${counts.join(', ')}`);
  return new Map(tables.map(({ name, sql }) => [name, { sql, rows: Number(counted[name]) }]));
}

/** One row or two may go for a reason: what was bought is no longer in the cart. */
function isLost(before: Outline | undefined, now: Outline | undefined): boolean {
  if (before === undefined || now === undefined) return true;
  return now.sql !== before.sql || (now.rows === 0 && before.rows > 3);
}

async function tablesOf(reader: Reader): Promise<{ name: string; sql: string }[]> {
  // Not which number SQLite would give next: a refused row takes one as well, and nothing of the row stays.
  const rows = await reader.all(
    "select name, sql from sqlite_master where type = 'table' and name <> 'sqlite_sequence' order by name",
  );
  return rows.map(({ name, sql }) => ({ name: String(name), sql: String(sql) }));
}
