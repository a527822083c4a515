import { rm } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../services/kit/clock.ts';
import { createIds } from '../../../services/kit/ids.ts';
import { openStore } from '../../../services/kit/store/index.ts';
import { createNotifications, type Wish } from '../../../services/notifications/notifications.ts';
import { createNotificationStore, notificationMigrations } from '../../../services/notifications/store.ts';
import { createTemplateStore } from '../../../services/notifications/template-store.ts';
import { createTemplates } from '../../../services/notifications/templates.ts';
import { placeIn } from '../databases.ts';
import { temporaryFolder } from '../start-service.ts';

const wish: Wish = {
  key: 'event-1',
  userId: '1',
  recipient: 'alice@example.com',
  channel: 'email',
  template: 'shipping',
  data: { order_id: 'A1' },
};

/** The rules alone, as a consumer of events uses them. */
async function startRules() {
  const folder = await temporaryFolder();
  const store = await openStore({ ...placeIn(folder, 'n'), migrations: notificationMigrations });
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  const rows = createNotificationStore(store);
  const clock = systemClock;
  const templates = createTemplates({ store, templates: createTemplateStore(store), clock });
  await templates.seed();
  let woken = 0;
  let onWake: () => void = () => undefined;
  const notifications = createNotifications({
    store,
    rows,
    templates,
    clock,
    newId: createIds('uuid', clock),
    giveUpAfterMs: 60_000,
    wake: () => {
      woken += 1;
      onWake();
    },
  });
  return {
    store,
    rows,
    notifications,
    wakings: () => woken,
    nextWaking: () => new Promise<void>((resolve) => (onWake = resolve)),
  };
}

it('one event, template and channel is one notification, however often it is delivered', async () => {
  const { notifications, rows } = await startRules();
  const first = await notifications.notify(wish);
  expect((await notifications.notify(wish)).id).toBe(first.id);
  expect((await notifications.notify({ ...wish, data: { order_id: 'other' } })).id).toBe(first.id);
  expect((await Promise.all([1, 2, 3].map(() => notifications.notify(wish)))).map(({ id }) => id)).toEqual([
    first.id,
    first.id,
    first.id,
  ]);
  expect(await rows.countPending()).toBe(1);
  await notifications.notify({ ...wish, channel: 'sms', recipient: '+491701234567' });
  await notifications.notify({ ...wish, template: 'refund', data: { order_id: 'A1', amount: '1.00' } });
  await notifications.notify({ ...wish, key: 'event-2' });
  expect(await rows.countPending()).toBe(4);
});

it('without a key each is one of its own', async () => {
  const { notifications, rows } = await startRules();
  await notifications.notify({ ...wish, key: undefined });
  await notifications.notify({ ...wish, key: undefined });
  expect(await rows.countPending()).toBe(2);
});

it('belongs to the transaction of whoever asks: sending is begun when that is committed', async () => {
  const { notifications, rows, store, wakings, nextWaking } = await startRules();
  const woken = nextWaking();
  await store.transaction(async (transaction) => {
    await notifications.notify(wish, transaction);
    expect(wakings()).toBe(0);
  });
  await woken;
  expect(await rows.countPending()).toBe(1);
});

it('is not there when the transaction is rolled back', async () => {
  const { notifications, rows, store } = await startRules();
  const failing = store.transaction(async (transaction) => {
    await notifications.notify(wish, transaction);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await rows.countPending()).toBe(0);
});

it('an attempt is begun by one of those who want to, and ended by none but it', async () => {
  const { notifications, rows } = await startRules();
  const { id } = await notifications.notify(wish);
  const attempt = { id, number: 1 };
  const times = { untilMs: Date.now() + 60_000, now: '2026-01-01T00:00:00.000Z' };
  expect(await Promise.all([1, 2, 3].map(() => rows.begin(attempt, times)))).toEqual([true, false, false]);
  expect(await rows.listDue(Date.now(), 10, [])).toEqual([]);
  // It came to no end, so a second one follows; what the first has to say then does not count any more.
  expect(await rows.begin({ id, number: 2 }, times)).toBe(true);
  await rows.end(attempt, { status: 'failed' });
  expect((await notifications.get(id)).status).toBe('pending');
  await rows.end({ id, number: 2 }, { status: 'sent' });
  expect((await notifications.get(id)).status).toBe('sent');
  expect(await rows.begin({ id, number: 3 }, times)).toBe(false);
});
