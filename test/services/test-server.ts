import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import pg from 'pg';

/** The PostgreSQL server that tests run against: all service tests where TEST_DATABASE_URL names it, some in any case. */
export const testServerUrl = process.env['TEST_DATABASE_URL'] || 'postgresql://postgres@127.0.0.1:5432';

const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 6);

/** Begins the name of every database of this run, which is told by the process that runs the tests. */
export const runPrefix = process.env['TEST_DATABASE_PREFIX'] || prefixOf(process.pid);

function prefixOf(pid: number): string {
  return `shoptest_${machine}_${pid}_`;
}

/** Before the first test and after the last: drops the databases of this run, and of runs that died before they could. */
export async function setup(): Promise<() => Promise<void>> {
  process.env['TEST_DATABASE_PREFIX'] = runPrefix;
  await dropLeftovers(() => false);
  return async () => await dropLeftovers((pid) => pid === process.pid);
}

async function dropLeftovers(isOver: (pid: number) => boolean): Promise<void> {
  const url = new URL(testServerUrl);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 2_000 });
  // Without a server there is nothing to drop; tests that need one say so themselves.
  const isThere = await client.connect().then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  try {
    const { rows } = await client.query(
      `select datname from pg_database where datname like 'shoptest\\_${machine}\\_%'`,
    );
    for (const { datname } of rows) {
      const pid = Number(String(datname).split('_')[2]);
      if (isOver(pid) || !isAlive(pid))
        await client.query(`drop database if exists "${datname}" with (force)`);
    }
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
