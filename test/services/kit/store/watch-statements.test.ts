import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contextFrom, currentContext, runInContext } from '../../../../services/kit/context.ts';
import { openStore, type Store } from '../../../../services/kit/store/index.ts';
import type { Migration } from '../../../../services/kit/store/migrations.ts';
import { ownDatabase } from '../../databases.ts';
import { describeWithPostgres } from '../../postgres/with-postgres.ts';
import { ownFolder } from '../bus/station.ts';
import { notingTracer } from '../tracing/noting-tracer.ts';

const migrations: readonly Migration[] = [
  {
    name: 'people',
    up: async (database) => {
      await database.schema.createTable('people', (table) => {
        table.text('email').primary();
      });
    },
  },
];

async function open(database?: Parameters<typeof openStore>[0]['database']) {
  const { tracer, spans } = notingTracer();
  const file = `${await ownFolder()}/people.db`;
  const store = await openStore({ file, database, migrations, tracer });
  onTestFinished(store.close);
  return { store, spans };
}

const context = () => contextFrom({ requestId: undefined, traceparent: undefined, tracestate: undefined });
const inRequest = <T>(work: () => T) => runInContext(context(), work);
const addAlice = async (store: Store) => {
  await store.read('people').insert({ email: 'alice@example.com' });
};

function checks(opened: () => ReturnType<typeof open>, system: string) {
  it('are noted with their text, and never with what goes with it', async () => {
    const { store, spans } = await opened();
    await inRequest(() => addAlice(store));
    expect(spans).toMatchObject([
      { name: 'INSERT people', kind: 'client', isOver: true, failure: undefined },
    ]);
    expect(spans[0]?.attributes).toMatchObject({
      'db.system.name': system,
      'db.query.text': expect.stringMatching(/^insert into .people. \(.email.\) values \((\?|\$1)\)$/),
    });
    expect(JSON.stringify(spans)).not.toContain('alice');
  });

  it('of a transaction are below what it belongs to', async () => {
    const { store, spans } = await opened();
    const request = context();
    await runInContext(request, () =>
      store.transaction(async (transaction) => {
        await transaction('people').first();
        await transaction('people').delete();
      }),
    );
    const { traceId, spanId } = request;
    expect(spans).toMatchObject([
      { name: 'SELECT people', parent: { traceId, spanId }, isOver: true },
      { name: 'DELETE people', parent: { traceId, spanId }, isOver: true },
    ]);
  });

  it('that fail say with which code, and nothing else', async () => {
    const { store, spans } = await opened();
    await addAlice(store);
    await expect(inRequest(() => addAlice(store))).rejects.toThrow();
    expect(spans).toMatchObject([
      { isOver: true, failure: expect.stringMatching(/^(SQLITE_CONSTRAINT|23505)$/) },
    ]);
    expect(JSON.stringify(spans)).not.toContain('alice');
  });

  it('belong to whoever asked, also when they wait for the same connection', async () => {
    const { store, spans } = await opened();
    const requests = Array.from({ length: 20 }, context);
    const seen = await Promise.all(
      requests.map((request) =>
        runInContext(request, async () => {
          await store.read('people').insert({ email: randomUUID() });
          return currentContext()?.spanId;
        }),
      ),
    );
    const parents = spans.map(({ parent }) => parent?.spanId);
    expect(parents.sort()).toEqual(requests.map(({ spanId }) => spanId).sort());
    // What follows a statement is not below it.
    expect(seen).toEqual(requests.map(({ spanId }) => spanId));
  });

  it('that nobody asked for are not noted', async () => {
    const { store, spans } = await opened();
    await addAlice(store);
    expect(spans).toEqual([]);
  });
}

describe('statements on SQLite', () => checks(() => open(), 'sqlite'));

describeWithPostgres('statements on PostgreSQL', () =>
  checks(async () => await open(await ownDatabase()), 'postgresql'),
);
