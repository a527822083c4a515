import { Chalk } from 'chalk';
import { isDeadLetterQueue, listQueues, type QueueRow, withBroker } from '../../broker/client/index.ts';
import { EXIT, type ExitCode } from '../../errors/index.ts';
import { brokerAddress } from '../broker-address.ts';
import type { CliContext } from '../context.ts';
import { writeAll } from '../log-printer.ts';
import { printable, queueName } from '../queue-words.ts';

/** Prints all queues of the broker, or those that are named. */
export async function queueList(names: readonly string[], context: CliContext): Promise<ExitCode> {
  const { stdout, stderr, json, quiet, color, signal } = context;
  const wanted = [...new Set(names)].map(queueName);
  const address = await brokerAddress(context);
  const rows = await withBroker(address, (link) => listQueues(link, wanted, signal));
  if (json) {
    const document = { schema: 'shopctl/queue-list/1', broker: address.shown, queues: rows.map(rowDocument) };
    await writeAll(stdout, `${JSON.stringify(document)}\n`);
    return EXIT.ok;
  }
  if (!quiet) stderr.write(`broker ${address.shown}\n`);
  await writeAll(stdout, `${rows.length === 0 ? 'there are no queues' : table(rows, color)}\n`);
  if (!quiet) for (const line of hints(rows)) stderr.write(`${line}\n`);
  return EXIT.ok;
}

/** `dead_letters`: going by its name, it holds messages that nobody could handle. */
function rowDocument({ name, ready, unacked, consumers }: QueueRow) {
  return {
    name,
    ready: ready ?? null,
    unacked: unacked ?? null,
    consumers: consumers ?? null,
    dead_letters: isDeadLetterQueue(name),
  };
}

const COLUMNS = ['QUEUE', 'READY', 'UNACKED', 'CONSUMERS'] as const;

function table(rows: readonly QueueRow[], color: boolean): string {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const cells = rows.map(({ name, ready, unacked, consumers }) => [
    printable(name),
    ...[ready, unacked, consumers].map((count) => String(count ?? '-')),
  ]);
  const widths = COLUMNS.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  const lines = cells.map((row, index) => {
    const queue = rows[index];
    const isTrouble = queue !== undefined && holdsDead(queue);
    return isTrouble ? chalk.red(line(row)) : line(row);
  });
  return [chalk.dim(line(COLUMNS)), ...lines].join('\n');
}

const holdsDead = ({ name, ready = 0 }: QueueRow) => ready > 0 && isDeadLetterQueue(name);

/** What to do about dead letters. */
function hints(rows: readonly QueueRow[]): string[] {
  return rows.filter(holdsDead).map(({ name, ready }) => {
    const shown = printable(name);
    const those = ready === 1 ? '1 dead message' : `${ready} dead messages`;
    return `${shown}: ${those}; look with \`shopctl queue peek ${shown}\`, bring back with \`shopctl queue redrive ${shown}\``;
  });
}
