import { Chalk } from 'chalk';
import { peekQueue, withBroker } from '../../broker/client/index.ts';
import { EXIT, type ExitCode } from '../../errors/index.ts';
import { createMask } from '../../lib/mask.ts';
import { brokerAddress } from '../broker-address.ts';
import type { CliContext } from '../context.ts';
import { writeAll } from '../log-printer.ts';
import { messageDocument, messageText } from '../peeked-message.ts';
import { printable, queueName } from '../queue-words.ts';

/** Prints the first messages of a queue and leaves them there. */
export async function queuePeek(name: string, count: number, context: CliContext): Promise<ExitCode> {
  const { stdout, stderr, json, quiet, color, signal, env } = context;
  const queue = queueName(name);
  const address = await brokerAddress(context);
  const { ready, messages } = await withBroker(address, (link) => peekQueue(link, queue, { count, signal }));
  const mask = createMask(env);
  mask.add(address.password);
  const documents = messages.map((message) => messageDocument(message, mask));
  if (json) {
    const document = { schema: 'shopctl/queue-peek/1', queue, ready, messages: documents };
    await writeAll(stdout, `${JSON.stringify(document)}\n`);
    return EXIT.ok;
  }
  const chalk = new Chalk({ level: color ? 1 : 0 });
  for (const [index, document] of documents.entries()) {
    await writeAll(stdout, `${messageText(document, index + 1, chalk)}\n`);
  }
  if (documents.length === 0) await writeAll(stdout, `no message waits in ${printable(queue)}\n`);
  else if (!quiet)
    stderr.write(`${documents.length} of ${ready} in ${printable(queue)}, left where they are\n`);
  return EXIT.ok;
}
