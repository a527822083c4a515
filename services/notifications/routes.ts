import {
  type Call,
  fingerprint,
  type Identity,
  idText,
  mayActFor,
  type Outcome,
  once,
  pageOf,
  type Route,
  recordOutcome,
  replayed,
  requireActFor,
  requireRole,
  route,
  type Store,
} from '../kit/index.ts';
import { notificationBody, wholeNotificationBody } from './bodies.ts';
import type { Channel, Data } from './content.ts';
import type { Notifications } from './notifications.ts';

interface NewNotificationBody {
  user_id: string | number;
  type: Channel;
  recipient: string;
  template: string;
  data?: Data;
}

interface RoutesParts {
  notifications: Notifications;
  store: Store;
}

/** Notifications, as `contracts/openapi/notifications.yaml` describes them. */
export function notificationRoutes(parts: RoutesParts): Route[] {
  const { notifications } = parts;
  return [
    route('GET', '/notifications', (call) => list(notifications, call)),
    route<NewNotificationBody>('POST', '/notifications', (call) => create(parts, call)),
    route('GET', '/notifications/{id}', async ({ identity, path }) => {
      const notification = await notifications.get(path('id'));
      requireActFor(identity, notification.user_id);
      return { status: 200, body: wholeNotificationBody(notification) };
    }),
    route('POST', '/notifications/{id}/retry', async ({ identity, path }) => {
      requireStaff(identity);
      return { status: 202, body: wholeNotificationBody(await notifications.retry(path('id'))) };
    }),
  ];
}

export function requireStaff(identity: Identity): void {
  requireRole(identity, 'support', 'admin', 'service');
}

/** Who may not see everybody's notifications sees their own. */
async function list(notifications: Notifications, call: Call<unknown>) {
  const { identity, query } = call;
  const page = pageOf(call);
  const isOwnOnly = identity.id !== undefined && !mayActFor(identity, '');
  const userId = query('user_id') ?? (isOwnOnly ? identity.id : undefined);
  if (userId !== undefined) requireActFor(identity, userId);
  const wanted = { user_id: userId, channel: query('type'), status: query('status') };
  const where = Object.fromEntries(
    Object.entries(wanted).flatMap(([column, value]) => (value === undefined ? [] : [[column, value]])),
  );
  const { rows, total } = await notifications.list(page, where);
  return { status: 200, body: { notifications: rows.map(notificationBody), total, ...page } };
}

/** The notification and the memory of its idempotency key in one transaction. */
async function create(
  { notifications, store }: RoutesParts,
  call: Call<NewNotificationBody>,
): Promise<Outcome> {
  requireStaff(call.identity);
  const { user_id, type, recipient, template, data = {} } = call.body;
  const key = call.header('idempotency-key');
  const request = key === undefined ? undefined : { key, fingerprint: fingerprint('notify', call.body) };
  return await store.transaction(async (transaction) => {
    call.signal.throwIfAborted();
    const earlier = await once(transaction, request);
    if (earlier !== undefined) return replayed(earlier);
    const wish = { userId: idText(user_id), channel: type, recipient, template, data };
    const row = await notifications.notify(wish, transaction);
    const headers = { location: `/notifications/${row.id}` };
    const outcome = { status: 202, body: wholeNotificationBody(row), headers };
    await recordOutcome(transaction, request, outcome);
    return outcome;
  });
}
