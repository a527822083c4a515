import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../services/kit/clock.ts';
import { createIds } from '../../../services/kit/ids.ts';
import {
  listPage,
  type Migration,
  openStore,
  type ServerDatabase,
  type Store,
} from '../../../services/kit/store/index.ts';
import { ownDatabase } from '../databases.ts';
import { meetingOf } from './meeting.ts';
import { describeWithPostgres } from './with-postgres.ts';

const migrations: readonly Migration[] = [
  {
    name: 'accounts-001',
    up: async (database) => {
      await database.schema.createTable('accounts', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.bigInteger('amount').notNullable();
      });
    },
  },
];

async function open(database: ServerDatabase = ownDatabase(), clock = systemClock): Promise<Store> {
  const store = await openStore({ file: '/nowhere/at/all.db', database, migrations, clock });
  onTestFinished(store.close);
  return store;
}

const amountOf = async (store: Store, id: string): Promise<unknown> =>
  (await store.read('accounts').where({ id }).first())?.amount;

describeWithPostgres('a store on PostgreSQL', () => {
  it('makes its database and tables once, however many processes begin at the same moment', async () => {
    const database = ownDatabase();
    const stores = await Promise.all([open(database), open(database), open(database)]);
    await stores[0]?.read('accounts').insert({ id: 'a', amount: 1 });
    for (const store of stores) expect(await amountOf(store, 'a')).toBe(1);
  });

  it('two transactions that each read what the other changes come one after the other', async () => {
    const store = await open();
    await store.read('accounts').insert([
      { id: 'a', amount: 60 },
      { id: 'b', amount: 60 },
    ]);
    // Either may take 60 while both together have 100: at a weaker isolation level both would.
    const meet = meetingOf(2);
    let attempts = 0;
    const take = (id: string) =>
      store.transaction(async (transaction) => {
        attempts += 1;
        const [sum] = await transaction('accounts').sum({ all: 'amount' });
        if (attempts <= 2) await meet();
        if (sum?.['all'] < 100) return false;
        await transaction('accounts').where({ id }).decrement('amount', 60);
        return true;
      });
    expect((await Promise.all([take('a'), take('b')])).toSorted()).toEqual([false, true]);
    // One had to begin anew; PostgreSQL may ask for that more than once while the other is not quite over.
    expect(attempts).toBeGreaterThanOrEqual(3);
  });

  it('forty transactions on one row all have their turn', async () => {
    const store = await open();
    await store.read('accounts').insert({ id: 'a', amount: 0 });
    const add = () =>
      store.transaction(async (transaction) => {
        const row = await transaction('accounts').where({ id: 'a' }).first();
        await transaction('accounts')
          .where({ id: 'a' })
          .update({ amount: row.amount + 1 });
      });
    await Promise.all(Array.from({ length: 40 }, add));
    expect(await amountOf(store, 'a')).toBe(40);
  });

  it('gives up with 503 and Retry-After when every attempt meets another change', async () => {
    const waits: number[] = [];
    const clock = { ...systemClock, sleep: async (ms: number) => void waits.push(ms) };
    const store = await open(ownDatabase(), clock);
    await store.read('accounts').insert({ id: 'a', amount: 0 });
    const unlucky = store.transaction(async (transaction) => {
      await transaction('accounts').where({ id: 'a' }).first();
      await store.read('accounts').where({ id: 'a' }).increment('amount', 1);
      await transaction('accounts').where({ id: 'a' }).update({ amount: 100 });
    });
    await expect(unlucky).rejects.toMatchObject({
      facts: { status: 503, kind: 'database-busy', headers: { 'retry-after': '1' } },
    });
    expect(await amountOf(store, 'a')).toBe(waits.length + 1);
    expect(waits.length).toBeGreaterThan(5);
    expect(Math.max(...waits)).toBeLessThanOrEqual(250);
  });

  it('who looked before inserting finds what another has inserted meanwhile', async () => {
    const store = await open();
    const meet = meetingOf(2);
    let attempts = 0;
    const register = () =>
      store.transaction(async (transaction) => {
        attempts += 1;
        const found = await transaction('accounts').where({ id: 'a' }).first();
        if (attempts <= 2) await meet();
        if (found !== undefined) return 'found';
        await transaction('accounts').insert({ id: 'a', amount: 0 });
        return 'inserted';
      });
    expect((await Promise.all([register(), register()])).toSorted()).toEqual(['found', 'inserted']);
  });

  it('what a refusal throws undoes everything, is not tried again, and is what the caller gets', async () => {
    const store = await open();
    let attempts = 0;
    const refused = store.transaction(async (transaction) => {
      attempts += 1;
      await transaction('accounts').insert({ id: 'a', amount: 1 });
      throw new Error('refused');
    });
    await expect(refused).rejects.toThrow('refused');
    expect([attempts, await amountOf(store, 'a')]).toEqual([1, undefined]);
  });

  it('answers numbers as numbers: big integers, counts, sums and inserted rows', async () => {
    const store = await open();
    const amount = Number.MAX_SAFE_INTEGER;
    const inserted = await store.read('accounts').insert({ id: 'a', amount }).returning(['seq', 'amount']);
    expect(inserted).toEqual([{ seq: 1, amount }]);
    expect(await store.read('accounts').count({ total: '*' }).sum({ sum: 'amount' })).toEqual([
      { total: 1, sum: amount },
    ]);
    expect(await listPage(store.read, 'accounts', { limit: 1, offset: 0 })).toMatchObject({ total: 1 });
    await store.read('accounts').insert({ id: 'b', amount: 1 });
    await expect(store.read('accounts').sum({ sum: 'amount' })).rejects.toThrow('cannot be told exactly');
  });

  it('counts ids without gaps or repetitions, however many are drawn at once', async () => {
    const store = await open();
    const newId = createIds('sequence', systemClock);
    const draw = () => store.transaction((transaction) => newId(transaction, 'orders'));
    const ids = await Promise.all(Array.from({ length: 20 }, draw));
    expect(ids.map(Number).toSorted((a, b) => a - b)).toEqual(ids.map((_, index) => index + 1));
  });

  it('a database that follows a folder begins empty with it, and lasts as long', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shop-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const database = { ...ownDatabase(), note: join(folder, 'own', 'accounts.database') };
    const begin = async () => {
      const store = await openStore({ file: join(folder, 'a.db'), database, migrations });
      const [found] = await store.read('accounts').count({ total: '*' });
      await store.read('accounts').insert({ id: `${found?.['total']}`, amount: 1 });
      await store.close();
      return found?.['total'];
    };
    expect([await begin(), await begin()]).toEqual([0, 1]);
    await rm(join(folder, 'own'), { recursive: true });
    expect(await begin()).toBe(0);
    await expect(stat(join(folder, 'a.db'))).rejects.toThrow('ENOENT');
  });

  it('does not begin when its role may do nothing, and tells what to do without telling the password', async () => {
    const database = ownDatabase();
    const url = new URL(database.url);
    url.username = 'nobody_of_that_name';
    url.password = 'hush';
    const refused = openStore({ file: 'x.db', database: { ...database, url: url.href }, migrations });
    await expect(refused).rejects.toMatchObject({
      exitCode: 3,
      sentences: [
        expect.stringContaining('does not let in whom DATABASE_URL names'),
        expect.stringContaining('DATABASE_URL'),
      ],
    });
    await refused.catch((error: unknown) => expect(String(error)).not.toContain('hush'));
  });
});

it('says that no server answers, and what to do, without the password', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await new Promise((resolve) => server.close(resolve));
  const url = `postgresql://ann:hush@127.0.0.1:${port}/shop_users`;
  const refused = openStore({ file: 'x.db', database: { url, pool: 1 }, migrations });
  await expect(refused).rejects.toMatchObject({
    exitCode: 3,
    sentences: [
      expect.stringMatching(new RegExp(`^No PostgreSQL server answers at 127\\.0\\.0\\.1:${port}`)),
      expect.stringContaining('Start it or correct DATABASE_URL'),
    ],
  });
  await refused.catch((error: unknown) => expect(String(error)).not.toContain('hush'));
});
