import { type App, createApp, openStore, type ServiceParts } from '../kit/index.ts';
import { createMailbox } from './mailbox.ts';
import { mailPages } from './pages.ts';
import { mailRoutes } from './routes.ts';
import { listenSmtp } from './smtp.ts';
import { createMailStore, mailMigrations } from './store.ts';

/** Mail is caught for programs of this machine only, wherever the HTTP side listens. */
const smtpHost = '127.0.0.1';

/**
 * The mail service without its HTTP port: its database open and its SMTP port taken. SMTP listens before HTTP does, so
 * whoever sees the service ready can send.
 */
export async function createMailApp(parts: ServiceParts): Promise<App> {
  const number = (name: string, fallback: number) => Number(parts.settings[name] ?? fallback);
  const store = await openStore({ ...parts, migrations: mailMigrations });
  const mailbox = createMailbox({
    ...parts,
    store,
    rows: createMailStore(store),
    keep: number('KEEP_MESSAGES', 1_000),
  });
  const smtp = await listenSmtp({
    host: smtpHost,
    port: number('SMTP_PORT', 1_025),
    maxBytes: number('MAX_MESSAGE_MB', 5) * 1_000_000,
    log: parts.log,
    deliver: mailbox.receive,
  }).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  return createApp({
    name: 'mail',
    contract: parts.contract,
    routes: mailRoutes(mailbox),
    middleware: { first: [mailPages(mailbox)] },
    about: { smtp: { host: smtpHost, port: smtp.port } },
    store,
    log: parts.log,
    tracer: parts.tracer,
    guard: parts.guard,
    simulation: parts,
    close: smtp.stop,
  });
}
