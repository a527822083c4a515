import pg from 'pg';
import { describe } from 'vitest';
import { testServerUrl } from '../test-server.ts';

const client = new pg.Client({ connectionString: testServerUrl, connectionTimeoutMillis: 5_000 });
const isThere = await client.connect().then(
  async () => {
    await client.end();
    return true;
  },
  () => false,
);

/** As `describe`, and visibly skipped where there is no server; with `REQUIRE_BACKENDS=1` its tests fail instead. */
export const describeWithPostgres =
  isThere || process.env['REQUIRE_BACKENDS'] === '1' ? describe : describe.skip;
