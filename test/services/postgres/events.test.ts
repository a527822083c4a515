import { expect, it, onTestFinished } from 'vitest';
import { createInbox } from '../../../services/kit/bus/inbox.ts';
import { createOutbox } from '../../../services/kit/bus/outbox.ts';
import { createTopology } from '../../../services/kit/bus/topology.ts';
import { systemClock } from '../../../services/kit/clock.ts';
import { openStore, type Store, type Transaction } from '../../../services/kit/store/index.ts';
import { ownDatabase } from '../databases.ts';
import { meetingOf } from './meeting.ts';
import { describeWithPostgres } from './with-postgres.ts';

const migrations = [
  {
    name: 'effects-001',
    up: async (database: Store['read']) => {
      await database.schema.createTable('effects', (table) => {
        table.text('name').primary();
        table.bigInteger('count').notNullable();
      });
      await database('effects').insert({ name: 'sum', count: 0 });
    },
  },
];

/** As many stores on one database as there are processes to a service; closed with the test. */
async function openTwo(): Promise<readonly [Store, Store]> {
  const database = ownDatabase();
  const open = async () => {
    const store = await openStore({ file: 'none.db', database, migrations });
    onTestFinished(store.close);
    return store;
  };
  return [await open(), await open()];
}

async function count(transaction: Transaction, between?: () => Promise<void>): Promise<void> {
  const row = await transaction('effects').first();
  await between?.();
  await transaction('effects').update({ count: row.count + 1 });
}

const topology = createTopology({ prefix: '', keys: 'plain', renamed: {} });

describeWithPostgres('events on PostgreSQL', () => {
  it('have one effect, however many processes are given the same one at once', async () => {
    const stores = await openTwo();
    const take = (store: Store, id: string) =>
      store.transaction(async (transaction) => {
        const isFirst = await createInbox(store, systemClock).take(transaction, 'queue', id);
        if (isFirst) await count(transaction);
        return isFirst;
      });
    const ids = ['a', 'b', 'c'];
    const deliveries = ids.flatMap((id) => [...stores, ...stores, ...stores].map((store) => take(store, id)));
    const taken = (await Promise.all(deliveries)).filter(Boolean);
    expect(taken).toHaveLength(ids.length);
    expect(await stores[0].read('effects')).toEqual([{ name: 'sum', count: ids.length }]);
  });

  it('are told once for each change, however often its transaction had to begin anew', async () => {
    const [store] = await openTwo();
    const outbox = createOutbox({ service: 'orders', store, clock: systemClock, limit: 100, topology });
    const meet = meetingOf(2);
    let attempts = 0;
    const change = (subject: string) =>
      store.transaction(async (transaction) => {
        attempts += 1;
        // Of two that have read the same, one has to begin anew.
        await count(transaction, attempts <= 2 ? meet : undefined);
        await outbox.add(transaction, { type: 'order.created', subject, data: {} });
      });
    const subjects = Array.from({ length: 12 }, (_, index) => `${index}`);
    await Promise.all(subjects.map(change));
    const waiting = await outbox.oldest(100);
    const told = waiting.map(({ body }): string => JSON.parse(body).subject);
    expect(told.toSorted()).toEqual(subjects.toSorted());
    expect(attempts).toBeGreaterThan(subjects.length);
    await outbox.remove(waiting);
    expect([outbox.depth, await outbox.oldest(1)]).toEqual([0, []]);
  });
});
