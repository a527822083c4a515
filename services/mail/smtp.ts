import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { bindPort, type Logger } from '../kit/index.ts';

/** A message as it came in: what the SMTP dialogue said, and its bytes. */
export interface IncomingMail {
  /** `MAIL FROM`; empty for a bounce. */
  envelopeFrom: string;
  /** `RCPT TO`, which includes those who are in no header (Bcc). */
  recipients: readonly string[];
  raw: Buffer;
}

/** The SMTP side of the service. Owns its port and its connections until `stop`. */
export interface SmtpListener {
  /** The real port, also when 0 was asked for. */
  port: number;
  /** Takes no more mail, waits until what is arriving is stored, and closes every connection. */
  stop(): Promise<void>;
}

interface SmtpOptions {
  host: string;
  port: number;
  /** A larger message is refused with 552. */
  maxBytes: number;
  /** How long a message that is half-way may take when the service stops. */
  drainMs?: number;
  log: Logger;
  /** Keeps a message; what it throws makes the client keep it and try again (451). */
  deliver: (mail: IncomingMail) => Promise<unknown>;
}

/** RFC 5321, section 4.5.3.1.8: at least 100 must be possible. */
const maxRecipients = 100;

/** With the size of a message this bounds the memory that arriving mail can take. */
const maxClients = 40;

const idleMs = 30_000;

/** Below the five seconds that a service has to stop by default. */
const usualDrainMs = 4_000;

class PlainServer extends SMTPServer {
  override updateSecureContext(): void {
    // It speaks no TLS, so it needs none of the keys and certificates that would be read here, at its start.
  }
}

/** Listens for mail to anybody, from anybody. Throws `ExitError` (exit code 3) when the port cannot be had. */
export async function listenSmtp(options: SmtpOptions): Promise<SmtpListener> {
  const { host, log, drainMs = usualDrainMs } = options;
  const sockets = new Set<Socket>();
  const receiving = new Map<string, Promise<void>>();
  let isStopping = false;

  const take = async (stream: SMTPServerDataStream, session: SMTPServerSession, reply: Reply) => {
    const answer = await receive(stream, session, options);
    receiving.delete(session.id);
    reply(answer);
    if (isStopping) sayGoodbye();
  };
  const server = new PlainServer({
    ...policy,
    // A list of its own, because the server changes what it is given.
    disabledCommands: ['STARTTLS'],
    size: options.maxBytes,
    closeTimeout: drainMs,
    onAuth: ({ username }, _session, callback) => callback(null, { user: username ?? 'somebody' }),
    onData: (stream, session, callback) => {
      receiving.set(session.id, take(stream, session, callback));
    },
  });
  const sayGoodbye = () => {
    for (const connection of server.connections) {
      if (!receiving.has(connection.id)) connection.send(421, 'The mail service is stopping');
    }
  };
  server.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // Broken connections; whoever broke one knows, and nothing half-received is kept.
  server.on('error', (error) => log.debug({ err: error }, 'SMTP connection failed'));
  const port = await bindPort({ server: server.server, host, port: options.port, setting: 'SMTP_PORT' });
  log.info({ host, port }, `mail is caught on smtp://${host}:${port}`);
  const stop = async () => {
    isStopping = true;
    const closed = new Promise<void>((resolve) => server.close(resolve));
    sayGoodbye();
    await closed;
    for (const socket of sockets) socket.destroy();
    await Promise.all(receiving.values());
  };
  return { port, stop };
}

/** What is offered and what is bounded. Any user name and password is good, because nothing is guarded by them. */
const policy = {
  name: 'mail.local',
  banner: 'catches every message and delivers none',
  rejectOversized: true,
  maxRecipients,
  maxClients,
  socketTimeout: idleMs,
  authOptional: true,
  allowInsecureAuth: true,
  disableReverseLookup: true,
  lenientAddressParsing: true,
  logger: false,
} as const;

type Reply = (error?: Error | null, message?: string) => void;

/** Reads a message to its end and has it kept. What is too large is read too, but not kept: the server refuses it. */
async function receive(
  stream: SMTPServerDataStream,
  { envelope }: SMTPServerSession,
  { deliver, log }: SmtpOptions,
): Promise<Error | null> {
  try {
    const raw = await readWithin(stream);
    if (raw === undefined) return null;
    const { mailFrom, rcptTo } = envelope;
    const envelopeFrom = mailFrom === false ? '' : mailFrom.address;
    await deliver({ envelopeFrom, recipients: rcptTo.map(({ address }) => address), raw });
    return null;
  } catch (error) {
    if (stream.errored) log.debug({ err: error }, 'a message was cut off');
    else log.error({ err: error }, 'a message could not be kept');
    return Object.assign(new Error('The message could not be kept, try again later'), { responseCode: 451 });
  }
}

async function readWithin(stream: SMTPServerDataStream): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  for await (const chunk of stream) {
    if (stream.sizeExceeded) chunks = [];
    else chunks.push(chunk);
  }
  return stream.sizeExceeded ? undefined : Buffer.concat(chunks);
}
