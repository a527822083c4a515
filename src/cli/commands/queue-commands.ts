import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Run } from '../run.ts';

const MOST_PEEKED = 1_000;
const DEFAULT_PEEKED = 10;

/** `queue list`, `queue peek`, `queue redrive`: for people who look for where messages are stuck. */
export function addQueueCommands(program: Command, run: Run): void {
  const queue = program
    .command('queue')
    .summary('look into the queues of the broker, bring dead messages back')
    .addHelpText(
      'after',
      '\nThe broker is AMQP_URL where that is set, else the one that `up` runs, else that of the configuration.',
    );
  addList(queue, run);
  addPeek(queue, run);
  addRedrive(queue, run);
}

function addList(queue: Command, run: Run): void {
  queue
    .command('list')
    .argument('[queue...]', 'only these')
    .summary('show the queues and how many messages wait in them')
    .description(
      'Show the queues of the broker: messages that wait, messages that are delivered and not acknowledged, consumers. ' +
        'Listing all takes a management API, which the embedded broker has and RabbitMQ has with its plugin ' +
        'rabbitmq_management; queues that are named are asked for without it.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ shopctl queue list\n  $ shopctl queue list payments.order.created payments.order.created.dead' +
        '\n  $ AMQP_URL=amqp://guest:guest@127.0.0.1:5672 shopctl queue list --json',
    )
    .action(async (names: string[], _options: unknown, command: Command) => {
      const { queueList } = await import('./queue-list.ts');
      await run(command, (context) => queueList(names, context));
    });
}

function addPeek(queue: Command, run: Run): void {
  queue
    .command('peek')
    .argument('<queue>', 'name of the queue')
    .summary('show messages and leave them where they are')
    .description(
      'Show the first messages of a queue with their properties, headers and bodies. They are fetched and given back at ' +
        'once: they stay in their places, and are marked as redelivered from then on. Values that look like secrets are masked.',
    )
    .addOption(
      new Option('--count <n>', `at most so many, up to ${MOST_PEEKED}`)
        .argParser(countUpTo(MOST_PEEKED))
        .default(DEFAULT_PEEKED),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ shopctl queue peek payments.order.created.dead\n  $ shopctl queue peek orders --count 1 --json',
    )
    .action(async (name: string, { count }: { count: number }, command: Command) => {
      const { queuePeek } = await import('./queue-peek.ts');
      await run(command, (context) => queuePeek(name, count, context));
    });
}

interface RedriveFlags {
  readonly count?: number;
  readonly to?: string;
}

function addRedrive(queue: Command, run: Run): void {
  queue
    .command('redrive')
    .argument('<queue>', 'a queue of dead messages')
    .summary('bring dead messages back to the queue they came from')
    .description(
      'Publish the messages of a queue again to the queue each came from, without what their failure wrote into the ' +
        'headers, and take them out. Where they came from is in the header x-queue, else in what the broker wrote ' +
        '(x-first-death-queue, x-death). A message leaves only once the broker has confirmed it in its new place: none is ' +
        'lost, whatever happens in between. No more are moved than waited at the start. Ctrl-C ends between two messages.',
    )
    .addOption(
      new Option('--count <n>', 'at most so many; all that wait when left out').argParser(
        countUpTo(Number.MAX_SAFE_INTEGER),
      ),
    )
    .option('--to <queue>', 'where all of them go, whatever their headers say')
    .addHelpText(
      'after',
      '\nExamples:\n  $ shopctl queue redrive payments.order.created.dead --count 1\n' +
        '  $ shopctl queue redrive payments.order.created.dead\n' +
        '  $ shopctl queue redrive strays --to orders',
    )
    .action(async (name: string, flags: RedriveFlags, command: Command) => {
      const { queueRedrive } = await import('./queue-redrive.ts');
      await run(command, (context) => queueRedrive(name, flags, context));
    });
}

function countUpTo(most: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,16}$/.test(text) && Number(text) >= 1 && Number(text) <= most) return Number(text);
    const bound = most === Number.MAX_SAFE_INTEGER ? 'from 1 on' : `from 1 to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${bound}.`);
  };
}
