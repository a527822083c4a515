import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Run } from '../run.ts';

const MOST_ROWS = 100_000;
const DEFAULT_ROWS = 100;

interface DbFlags {
  readonly limit: number;
  readonly fresh?: boolean;
}

/** `db`: for people who want to know what a service has stored. */
export function addDb(program: Command, run: Run): void {
  program
    .command('db')
    .argument('<service>', 'whose database')
    .argument('[sql]', 'one SELECT, WITH … SELECT or VALUES; without it the tables are listed')
    .summary("look into a service's own database")
    .description(
      "Run a query on a service's own database, SQLite or PostgreSQL, and print the rows. The database is opened for " +
        'reading only, whether the service runs or not. Where it is says `database` in the configuration.',
    )
    .addOption(
      new Option('--limit <n>', `so many rows at most, up to ${MOST_ROWS}`)
        .argParser(rows)
        .default(DEFAULT_ROWS),
    )
    .option('--fresh', 'the data of the last `test` or `load` instead of those of `up`')
    .addHelpText(
      'after',
      '\nExamples:\n  $ shopctl db orders\n  $ shopctl db orders "SELECT status, count(*) FROM orders GROUP BY status"' +
        '\n  $ shopctl db users "SELECT id, email FROM users" --json --limit 10',
    )
    .action(async (service: string, sql: string | undefined, flags: DbFlags, command: Command) => {
      const { db } = await import('./db.ts');
      const { limit, fresh = false } = flags;
      await run(command, (context) =>
        db({ service, limit, fresh, ...(sql === undefined ? {} : { sql }) }, context),
      );
    });
}

function rows(text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_ROWS) return Number(text);
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_ROWS}.`);
}
