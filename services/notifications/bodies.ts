import { providers } from './carriers.ts';
import { nowhere } from './notifications.ts';
import type { NotificationRow } from './store.ts';
import type { TemplateRow } from './template-store.ts';

/** A notification in a list. */
export function notificationBody({ channel, ...row }: NotificationRow) {
  const { id, user_id, recipient, template, data, status, attempts, last_error } = row;
  const { created_at, updated_at, sent_at } = row;
  const to = recipient === nowhere ? null : recipient;
  const facts = { id, type: channel, user_id, recipient: to, template, data, provider: providers[channel] };
  return { ...facts, status, attempts, last_error, created_at, updated_at, sent_at };
}

/** A notification with what goes out. */
export function wholeNotificationBody(row: NotificationRow) {
  return { ...notificationBody(row), content: row.content };
}

export function templateBody({ id, description, channels, created_at, updated_at }: TemplateRow) {
  return { id, description, channels, created_at, updated_at };
}
