import {
  type DatabaseAddress,
  openDatabase,
  type Rows,
  readStatement,
  shownDatabase,
} from '../../database/index.ts';
import { EXIT, type ExitCode, ShopctlError } from '../../errors/index.ts';
import { unknownService } from '../../topology/index.ts';
import type { CliContext } from '../context.ts';
import { writeAll } from '../log-printer.ts';
import { rowsTable } from '../rows-table.ts';

export interface DbOptions {
  readonly service: string;
  /** Absent: the tables are listed. */
  readonly sql?: string;
  /** Rows at most. */
  readonly limit: number;
  /** The data of the last test run instead of those of `up`. */
  readonly fresh: boolean;
}

const STATEMENT_LIMIT_MS = 15_000;

/** Prints what a query on a service's own database gives, or which tables it has. */
export async function db(options: DbOptions, context: CliContext): Promise<ExitCode> {
  const { stdout, stderr, json, quiet, color, signal } = context;
  const { service, sql, limit } = options;
  const database = await databaseOf(options, context);
  const statement = sql === undefined ? undefined : checked(sql, database);
  const reader = await openDatabase(database, { signal, timeoutMs: STATEMENT_LIMIT_MS });
  const shown = shownDatabase(database);
  if (!quiet && !json) stderr.write(`database ${shown}\n`);
  const answer = statement === undefined ? await reader.tables() : await reader.query(statement, limit);
  if (json) {
    const { columns, rows, isCut } = answer;
    const document = { schema: 'shopctl/db/1', service, database: shown, columns, rows, truncated: isCut };
    await writeAll(stdout, `${JSON.stringify(document)}\n`);
    return EXIT.ok;
  }
  const width = stdout.isTTY ? stdout.columns : undefined;
  await writeAll(stdout, rowsTable(answer, { color, ...(width === undefined ? {} : { width }) }));
  if (!quiet) stderr.write(`${note(answer, statement === undefined)}\n`);
  return EXIT.ok;
}

/** @throws ShopctlError `usage`, `database-unconfigured` */
async function databaseOf({ service, fresh }: DbOptions, context: CliContext): Promise<DatabaseAddress> {
  const project = await context.loadProject(fresh ? 'fresh' : 'kept');
  const spec = project.services.find(({ name }) => name === service);
  if (spec === undefined) throw unknownService(service, project);
  if (spec.database !== undefined) return spec.database;
  const others = project.services.filter(({ database }) => database !== undefined).map(({ name }) => name);
  const known = others.length === 0 ? '' : `; these have one: ${others.join(', ')}`;
  throw new ShopctlError('database-unconfigured', {
    message: `${service} has no \`database\` in the topology ${project.topology}`,
    hint: `say in the configuration where it is: \`database: PATH.db\`, or a postgres:// URL${known}`,
  });
}

function checked(sql: string, database: DatabaseAddress): string {
  const statement = readStatement(sql, database.kind);
  if (statement.ok) return statement.text;
  throw new ShopctlError('sql-invalid', {
    message: `the statement cannot be run: ${statement.reason}`,
    hint: statement.hint,
  });
}

function note({ rows: { length }, isCut }: Rows, isListing: boolean): string {
  const things = isListing ? (length === 1 ? 'table' : 'tables') : length === 1 ? 'row' : 'rows';
  return isCut ? `${length} ${things}, and there are more: \`--limit\` shows more` : `${length} ${things}`;
}
