import {
  type App,
  createApp,
  createBus,
  openStore,
  parseDurationMs,
  type ServiceParts,
} from '../kit/index.ts';
import { carriersWith, createPost } from './carriers.ts';
import { createDelivery } from './delivery.ts';
import { consumeEvents } from './events.ts';
import { createNotifications } from './notifications.ts';
import { notificationRoutes } from './routes.ts';
import { createNotificationStore, notificationMigrations } from './store.ts';
import { templateRoutes } from './template-routes.ts';
import { createTemplateStore } from './template-store.ts';
import { createTemplates } from './templates.ts';
import { readToldEvents, toldEvents } from './told-events.ts';

const dayMs = 24 * 60 * 60_000;

/** The notifications service without a port: its database open and seeded, what is pending sent in the background. */
export async function createNotificationsApp(parts: ServiceParts): Promise<App> {
  const { settings } = parts;
  const where = settings['STORAGE'] === 'memory' ? { file: ':memory:', database: undefined } : {};
  const store = await openStore({ ...parts, ...where, migrations: notificationMigrations });
  const bus = createBus({ ...parts, service: 'notifications', store });
  const rows = createNotificationStore(store);
  const templates = createTemplates({ ...parts, store, templates: createTemplateStore(store) });
  await templates.seed();
  const post = createPost({
    url: settings['SMTP_URL'] ?? 'smtp://127.0.0.1:1025',
    from: settings['MAIL_FROM'] ?? 'The shop <shop@example.com>',
  });
  const delivery = createDelivery({ ...parts, rows, carriers: carriersWith(post) });
  const notifications = createNotifications({
    ...parts,
    store,
    rows,
    templates,
    giveUpAfterMs: parseDurationMs(`${settings['GIVE_UP_AFTER']}`) ?? dayMs,
    wake: delivery.wake,
  });
  const told = readToldEvents(`${settings['NOTIFY_ON']}`) ?? toldEvents;
  consumeEvents(bus, notifications, told);
  return createApp({
    name: 'notifications',
    contract: parts.contract,
    routes: [...notificationRoutes({ notifications, store }), ...templateRoutes(templates)],
    store,
    bus,
    dependencies: { mail: post.isAvailable },
    log: parts.log,
    tracer: parts.tracer,
    guard: parts.guard,
    simulation: parts,
    work: delivery,
    close: delivery.stop,
  });
}
