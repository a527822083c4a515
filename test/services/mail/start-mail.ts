import { createTransport, type SendMailOptions } from 'nodemailer';
import { createMailApp } from '../../../services/mail/app.ts';
import { type Answered, ask } from '../ask.ts';
import { type RunningService, type StartOptions, startService } from '../start-service.ts';

interface RunningMail extends RunningService {
  smtpPort: number;
  /** Sends over a connection of its own; the sender and recipient are made up unless given. */
  send(mail: SendMailOptions): Promise<void>;
  /** What `GET /messages` lists for a query such as `q=text`. */
  list(query?: string): Promise<Record<string, unknown>[]>;
  get(path: string, headers?: Record<string, string>): Promise<Answered>;
}

/** The mail service on free ports. */
export async function startMail({ settings, ...options }: StartOptions = {}): Promise<RunningMail> {
  const service = await startService('mail', createMailApp, {
    settings: { SMTP_PORT: '0', ...settings },
    ...options,
  });
  const get = (path: string, headers = {}) => ask('GET', `${service.url}${path}`, { headers });
  const { smtp } = JSON.parse((await get('/')).text);
  return Object.assign(service, {
    smtpPort: smtp.port,
    get,
    send: (mail: SendMailOptions) => sendMail(smtp.port, mail),
    list: async (query = '') => JSON.parse((await get(`/messages?${query}`)).text).messages,
  });
}

export async function sendMail(port: number, mail: SendMailOptions): Promise<void> {
  const transport = createTransport({ host: '127.0.0.1', port });
  try {
    await transport.sendMail({ from: 'shop@example.com', to: 'alice@example.com', ...mail });
  } finally {
    transport.close();
  }
}
