import { connect as connectTo, createServer, type Socket } from 'node:net';
import { createNotificationsApp } from '../../../services/notifications/app.ts';
import { type Answered, ask, askUntil } from '../ask.ts';
import { type RunningService, type StartOptions, startService } from '../start-service.ts';

interface RunningNotifications extends RunningService {
  create(body: object, key?: string): Promise<Answered>;
  /** The notification as soon as it is as wanted, or as it is after ten seconds. */
  until(id: unknown, isEnough: (body: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
}

export async function startNotifications(
  smtpPort: number,
  { settings, ...options }: StartOptions = {},
): Promise<RunningNotifications> {
  const service = await startService('notifications', createNotificationsApp, {
    settings: { SMTP_URL: `smtp://127.0.0.1:${smtpPort}`, ...settings },
    ...options,
  });
  return Object.assign(service, {
    create: (body: object, key?: string) =>
      ask('POST', `${service.url}/notifications`, {
        body,
        headers: key === undefined ? {} : { 'idempotency-key': key },
      }),
    until: async (id: unknown, isEnough: (body: Record<string, unknown>) => boolean) =>
      (await askUntil(`${service.url}/notifications/${id}`, ({ body }) => isEnough(body))).body,
  });
}

/** An e-mail about an order that everything is right with. */
export const email = {
  user_id: '1',
  type: 'email',
  recipient: 'alice@example.com',
  template: 'order-received',
  data: { order_id: 'A1', total: '299.99' },
};

interface Gate {
  port: number;
  /** From now on connections end at once, as where nothing listens any more. */
  close(): void;
  open(): void;
  /** From now on the client hears nothing of what the server answers to the end of a message. */
  swallowAcceptance(): void;
  stop(): Promise<void>;
}

/** A port before an SMTP server, which is there or not as a test wants. */
export async function startGate(smtpPort: number): Promise<Gate> {
  let state: 'open' | 'closed' | 'deaf' = 'open';
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    client.on('error', () => undefined);
    if (state === 'closed') {
      client.destroy();
      return;
    }
    const upstream = connectTo(smtpPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      // What the mail service says when a message is kept.
      if (state === 'deaf' && chunk.toString().includes('250 OK: message')) client.destroy();
      else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => {
      state = 'closed';
    },
    open: () => {
      state = 'open';
    },
    swallowAcceptance: () => {
      state = 'deaf';
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
