import type { JournalDatabase } from './database.ts';

/** The database as it is on a disk without room, as often as `strikes` says: transactions come to their end and fail. */
export function onFullDisk(database: JournalDatabase, strikes: () => boolean): JournalDatabase {
  return {
    ...database,
    run: (sql, parameters) =>
      sql === 'COMMIT' && strikes() ? Promise.reject(diskFull()) : database.run(sql, parameters),
  };
}

/** As the driver says it. */
function diskFull(): Error {
  return Object.assign(new Error('SQLITE_FULL: database or disk is full'), { code: 'SQLITE_FULL' });
}
