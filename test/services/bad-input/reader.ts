import sqlite3 from 'sqlite3';

export type Row = Record<string, unknown>;

/** A connection that only reads one SQLite file. */
export interface Reader {
  all(sql: string): Promise<Row[]>;
  /** Another value as soon as any other connection has committed anything (SQLite, "PRAGMA data_version"). */
  version(): Promise<unknown>;
  /** From now on, until it is asked again, this connection sees what is committed now, whatever is written meanwhile. */
  standStill(): Promise<void>;
  close(): Promise<void>;
}

/** The file must be one with a write-ahead log, where whoever reads keeps nobody from writing. */
export async function openReader(file: string): Promise<Reader> {
  const database = await called<sqlite3.Database>((done) => {
    const opened: sqlite3.Database = new sqlite3.Database(file, sqlite3.OPEN_READONLY, (error) =>
      done(error, opened),
    );
  });
  const all = (sql: string) => called<Row[]>((done) => database.all(sql, done));
  // Asked so often that to prepare it anew each time would be most of the work.
  const askVersion = await called<sqlite3.Statement>((done) => {
    const statement: sqlite3.Statement = database.prepare('pragma data_version', (error: Error | null) =>
      done(error, statement),
    );
  });
  let isStanding = false;
  return {
    all,
    version: async () => (await called<Row[]>((done) => askVersion.all(done)))[0]?.['data_version'],
    standStill: async () => {
      if (isStanding) await all('commit');
      await all('begin');
      isStanding = true;
      // Only with its first look at the file a transaction knows what it sees.
      await all('select count(*) from sqlite_master');
    },
    close: async () => {
      await called<void>((done) => askVersion.finalize(() => done(null, undefined)));
      await called<void>((done) => database.close((error) => done(error, undefined)));
    },
  };
}

async function called<Result>(
  begin: (done: (error: Error | null, result: Result) => void) => void,
): Promise<Result> {
  return await new Promise((resolve, reject) => {
    begin((error, result) => (error === null ? resolve(result) : reject(error)));
  });
}
