import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import { expect, test } from 'vitest';
import type { Probe } from '../../../src/config/probe-spec.ts';
import { own, temporaryFolder, trial, until } from '../support.ts';

async function write(file: string, sql: string): Promise<void> {
  const database = new sqlite3.Database(file);
  await new Promise<void>((resolve, reject) => {
    database.exec(sql, (error) => (error === null ? resolve() : reject(error)));
  });
  await new Promise<void>((resolve) => database.close(() => resolve()));
}

function worker(statement: string, timeoutMs = 30_000) {
  const root = temporaryFolder();
  const file = join(root, 'jobs.db');
  const spec = own('worker', 'never-listens.sh');
  const probe: Probe = { kind: 'sql', statement, database: { kind: 'sqlite', file } };
  return { file, ...trial([{ ...spec, ready: { probe, everyMs: 5, timeoutMs } }], root) };
}

test('a service is ready when the first value of the first row is true', async () => {
  const { start, file, story } = worker('SELECT count(*) >= 2 FROM jobs');
  const started = start();
  await until('it has started', () => story().includes('service-starting worker'));
  await write(file, 'CREATE TABLE jobs (id); INSERT INTO jobs VALUES (1)');
  expect(story()).not.toContain('service-ready worker');
  await write(file, 'INSERT INTO jobs VALUES (2)');
  await started;
  expect(story()).toContain('service-ready worker');
});

test.each([
  ['SELECT 1 FROM jobs WHERE id = 7', 'gave no row'],
  ['SELECT 0', 'gave 0'],
  ['SELECT NULL', 'gave NULL'],
  ["SELECT ''", 'gave ""'],
  ['SELECT nope FROM jobs', 'failed: the statement cannot be run: no such column: nope'],
])('%s does not hold, and what it gave is told', async (statement, words) => {
  const { startError, file } = worker(statement, 300);
  await write(file, 'CREATE TABLE jobs (id)');
  expect((await startError()).message).toBe(
    `worker was not ready within 300 ms: \`${statement}\` on ${file} ${words}`,
  );
});

test('a database that is not there yet is told', async () => {
  const { startError, file } = worker('SELECT 1', 100);
  const error = await startError();
  expect(error.message).toContain(`on ${file} failed: there is no database ${file} yet`);
  expect(error.hint).toContain('`ready.sql` or `database` of worker');
});
