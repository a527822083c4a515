import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An SMTP client that says what a test wants, also what no mail program would. */
export interface Dialogue {
  socket: Socket;
  /** Sends a line and answers the whole reply to it. */
  say(line: string): Promise<string>;
  /** Sends text as it is. */
  write(text: string): void;
  /** The next whole reply; rejects when the connection ends before there is one. */
  reply(): Promise<string>;
  /** Resolves when the connection is closed. */
  closed: Promise<unknown>;
}

/** Connects and reads the greeting. */
export async function startDialogue(port: number): Promise<Dialogue> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  let received = '';
  let isOver = false;
  socket.setEncoding('utf8').on('data', (text) => {
    received += text;
  });
  socket.once('close', () => {
    isOver = true;
  });
  const reply = async () => {
    for (;;) {
      // A reply ends with a line that has a blank after its code (RFC 5321, section 4.2.1).
      const match = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(received);
      if (match !== null) {
        received = received.slice(match[0].length);
        return match[0].trim();
      }
      if (isOver) throw new Error(`the connection ended after "${received}"`);
      await Promise.race([once(socket, 'data'), closed]);
    }
  };
  const dialogue = {
    socket,
    closed,
    reply,
    write: (text: string) => void socket.write(text),
    say: async (line: string) => {
      socket.write(`${line}\r\n`);
      return await reply();
    },
  };
  await reply();
  return dialogue;
}

/** Goes as far as the message: greeting, sender, recipient, DATA. */
export async function startMessage(port: number): Promise<Dialogue> {
  const dialogue = await startDialogue(port);
  await dialogue.say('EHLO test');
  await dialogue.say('MAIL FROM:<shop@example.com>');
  await dialogue.say('RCPT TO:<alice@example.com>');
  const reply = await dialogue.say('DATA');
  if (!reply.startsWith('354')) throw new Error(reply);
  return dialogue;
}
