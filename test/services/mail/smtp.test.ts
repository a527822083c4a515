import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createTransport } from 'nodemailer';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../../../services/kit/log.ts';
import { type IncomingMail, listenSmtp } from '../../../services/mail/smtp.ts';
import { startDialogue, startMessage } from './dialogue.ts';
import { sendMail, startMail } from './start-mail.ts';

type Options = Partial<Parameters<typeof listenSmtp>[0]>;

/** The SMTP side alone; what it delivers is in `delivered`. */
async function startListener(options: Options = {}) {
  const delivered: IncomingMail[] = [];
  const lines: string[] = [];
  const listener = await listenSmtp({
    host: '127.0.0.1',
    port: 0,
    maxBytes: 1_000_000,
    log: createLogger('mail', 'debug', { write: (line) => lines.push(line) }),
    deliver: async (mail) => void delivered.push(mail),
    drainMs: 20_000,
    ...options,
  });
  onTestFinished(listener.stop);
  return { ...listener, delivered, lines };
}

/** Whether the port takes a new connection. */
async function takesConnections(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    return await once(socket, 'connect').then(
      () => true,
      () => false,
    );
  } finally {
    socket.destroy();
  }
}

describe('what is bounded', () => {
  it('refuses a message that says it is too large, and one that is', async () => {
    const { port, delivered } = await startListener({ maxBytes: 1_000_000 });
    const tooLarge = { text: 'x'.repeat(1_100_000) };
    await expect(sendMail(port, tooLarge)).rejects.toMatchObject({ responseCode: 552 });
    const dialogue = await startMessage(port);
    const line = `${'x'.repeat(98)}\r\n`;
    dialogue.write(`Subject: too large\r\n\r\n${line.repeat(11_000)}`);
    expect(await dialogue.say('.')).toMatch(/^552 /);
    // The connection is as good as before.
    expect(await dialogue.say('MAIL FROM:<shop@example.com>')).toMatch(/^250 /);
    expect(await dialogue.say('RCPT TO:<alice@example.com>')).toMatch(/^250 /);
    expect(await dialogue.say('DATA')).toMatch(/^354 /);
    dialogue.write('Subject: small\r\n\r\nok\r\n');
    expect(await dialogue.say('.')).toMatch(/^250 /);
    dialogue.socket.destroy();
    expect(delivered.map(({ raw }) => raw.toString())).toEqual(['Subject: small\r\n\r\nok\r\n']);
  });

  it('takes a hundred recipients and refuses the next', async () => {
    const { port } = await startListener();
    const dialogue = await startDialogue(port);
    await dialogue.say('EHLO test');
    await dialogue.say('MAIL FROM:<>');
    for (let number = 1; number <= 100; number += 1) {
      expect(await dialogue.say(`RCPT TO:<user${number}@example.com>`)).toMatch(/^250 /);
    }
    expect(await dialogue.say('RCPT TO:<one-more@example.com>')).toMatch(/^452 /);
    dialogue.socket.destroy();
  });

  it('turns away whoever speaks HTTP or endless lines', async () => {
    const { port } = await startListener();
    const http = await startDialogue(port);
    expect(await http.say('GET / HTTP/1.1')).toMatch(/^421 /);
    await http.closed;
    const endless = await startDialogue(port);
    endless.write('x'.repeat(100_000));
    expect(await endless.reply()).toMatch(/^421 /);
    await endless.closed;
  });
});

describe('a client', () => {
  it('may sign in with any name and password', async () => {
    const { port, delivered } = await startListener();
    const transport = createTransport({ host: '127.0.0.1', port, auth: { user: 'any', pass: 'thing' } });
    await transport.sendMail({ from: 'a@example.com', to: 'b@example.com', text: 'x' });
    transport.close();
    expect(delivered).toHaveLength(1);
  });

  it('is told to try again when its message could not be kept', async () => {
    const { port, lines } = await startListener({
      deliver: async () => {
        throw new Error('disk full at /secret/path');
      },
    });
    await expect(sendMail(port, { text: 'x' })).rejects.toMatchObject({
      responseCode: 451,
      response: '451 The message could not be kept, try again later',
    });
    expect(lines.join('')).toContain('a message could not be kept');
  });

  it('that leaves in the middle of a message leaves nothing behind', async () => {
    const { port, delivered, stop } = await startListener();
    const dialogue = await startMessage(port);
    dialogue.write('Subject: half\r\n\r\nonly a par');
    dialogue.socket.destroy();
    await dialogue.closed;
    await sendMail(port, { subject: 'whole', text: 'x' });
    await stop();
    expect(delivered).toHaveLength(1);
    expect(delivered[0]?.raw.toString()).toContain('Subject: whole');
  });

  it('may send a message that is no message', async () => {
    const mail = await startMail();
    onTestFinished(mail.stop);
    for (const nonsense of [
      '',
      '\r\n\r\n',
      '\0\x01\xff',
      'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x',
    ]) {
      const dialogue = await startMessage(mail.smtpPort);
      dialogue.write(`${nonsense}\r\n`);
      expect(await dialogue.say('.'), JSON.stringify(nonsense)).toMatch(/^250 /);
      dialogue.socket.destroy();
    }
    const messages = await mail.list();
    expect(messages).toHaveLength(4);
    for (const { id } of messages) expect((await mail.get(`/messages/${id}`)).status).toBe(200);
  });
});

describe('stopping', () => {
  it('waits for the message that is arriving, and takes no other', async () => {
    const { port, delivered, stop } = await startListener();
    const dialogue = await startMessage(port);
    dialogue.write('Subject: slow\r\n\r\nfirst half, ');
    const stopped = stop();
    while (await takesConnections(port));
    dialogue.write('second half\r\n');
    expect(await dialogue.say('.')).toMatch(/^250 /);
    expect(await dialogue.reply()).toBe('421 The mail service is stopping');
    await stopped;
    expect(delivered.map(({ raw }) => raw.toString())).toEqual([
      'Subject: slow\r\n\r\nfirst half, second half\r\n',
    ]);
  });

  it('sends idle clients away at once', async () => {
    const { port, stop } = await startListener();
    const idle = await startDialogue(port);
    await idle.say('EHLO test');
    const stopped = stop();
    expect(await idle.reply()).toBe('421 The mail service is stopping');
    await stopped;
  });

  it('cuts off a message that does not come to its end, and keeps nothing of it', async () => {
    const { port, delivered, stop } = await startListener({ drainMs: 50 });
    const dialogue = await startMessage(port);
    dialogue.write('Subject: endless\r\n\r\n');
    await stop();
    await dialogue.closed;
    expect(delivered).toEqual([]);
  });

  it('of the whole service keeps what was answered with 250', async () => {
    const { temporaryFolder } = await import('../start-service.ts');
    const folder = await temporaryFolder();
    const mail = await startMail({ folder });
    await mail.send({ subject: 'kept' });
    await mail.stop();
    const again = await startMail({ folder });
    onTestFinished(again.stop);
    expect(await again.list()).toMatchObject([{ subject: 'kept' }]);
  });
});

it('refuses a taken port with what to do about it', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  onTestFinished(() => void holder.close());
  const address = holder.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  await expect(startMail({ settings: { SMTP_PORT: port } })).rejects.toMatchObject({
    exitCode: 3,
    sentences: [
      `Cannot listen on 127.0.0.1:${port}: another process uses that port.`,
      'SMTP_PORT names another.',
    ],
  });
});
