import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { freePorts } from '../../free-ports.ts';
import { ask } from '../ask.ts';
import { programProcess } from '../service-process.ts';
import { temporaryFolder } from '../start-service.ts';
import { startProcessShop } from './process-shop.ts';

export type WholeShop = Awaited<ReturnType<typeof startWholeShop>>;

/**
 * Everything that an asynchronous checkout takes, each a process of its own: also `shopctl broker`, and mail. `more` holds
 * for all services.
 */
export async function startWholeShop(more: Record<string, string> = {}) {
  const [management = 0, smtp = 0] = await freePorts(2);
  const broker = await startBroker(management);
  const shop = await startProcessShop({
    AMQP_URL: `amqp://guest:guest@127.0.0.1:${new URL(broker.url).port}`,
    // The broker may be killed before all of them have told it of their queues.
    EVENT_CONSUMERS: 'auth,orders,payments,inventory,notifications',
    RETRY_DELAYS: '100ms,200ms,400ms,800ms,1600ms,3200ms',
    // However slow the machine: nothing is given up for being late.
    CHECKOUT_TIMEOUT: '30m',
    RESERVATION_TTL: '30m',
    ...more,
  });
  const mail = await shop.add('mail', () => ({ SMTP_PORT: String(smtp), KEEP_MESSAGES: '5000' }));
  const notifications = await shop.add('notifications', () => ({ SMTP_URL: `smtp://127.0.0.1:${smtp}` }));
  await Promise.all([mail.start(), notifications.start()]);
  return { ...shop, broker, mail, notifications, queues: () => queuesAt(management) };
}

/** `shopctl broker` with a journal, reached at an address that stays. */
async function startBroker(managementPort: number) {
  const folder = await temporaryFolder();
  const shopctl = fileURLToPath(new URL('../../../bin/shopctl.js', import.meta.url));
  const ports = ['--port', '0', '--management-port', String(managementPort)];
  const args = [shopctl, 'broker', ...ports, '--data', folder, '--json'];
  const broker = await programProcess({ name: 'broker', args, env: () => ({}) });
  onTestFinished(async () => {
    await broker.stop();
    await rm(folder, { recursive: true });
  });
  await broker.start();
  return broker;
}

/** The messages of each queue that has any, waiting or delivered and not acknowledged. */
async function queuesAt(managementPort: number): Promise<{ name: string; messages: number }[]> {
  const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`;
  const url = `http://127.0.0.1:${managementPort}/api/queues`;
  const { text } = await ask('GET', url, { headers: { authorization } });
  const queues: { name: string; messages: number }[] = JSON.parse(text);
  return queues.filter(({ messages }) => messages > 0).map(({ name, messages }) => ({ name, messages }));
}
