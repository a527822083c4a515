import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Run } from '../run.ts';

const DEFAULT_PORT = 5673;

interface BrokerFlags {
  readonly port: number;
  readonly managementPort: number;
  readonly data?: string;
  readonly memory?: boolean;
  readonly verbose?: boolean;
  readonly fault?: readonly string[];
}

/** `broker`: the embedded AMQP broker on its own, for anybody's project. */
export function addBrokerCommand(program: Command, run: Run): void {
  program
    .command('broker')
    .summary('run an AMQP 0-9-1 broker')
    .description(
      'Run an AMQP 0-9-1 broker on this machine until Ctrl-C: any client of that protocol can use it, and nothing needs ' +
        'to be installed for it. Durable queues and persistent messages are kept in a journal (.shopctl/broker, or --data) ' +
        'unless --memory is given. Needs no configuration file. Exit code 0 after Ctrl-C: that is how it ends.',
    )
    .addOption(
      new Option('--port <n>', 'listen on this port of 127.0.0.1 and ::1; 0 takes a free one')
        .argParser(portNumber)
        .default(DEFAULT_PORT),
    )
    .addOption(
      new Option(
        '--management-port <n>',
        'a page and an HTTP API that show queues and rates; 0 takes a free port',
      )
        .env('BROKER_MANAGEMENT_PORT')
        .argParser(portNumber)
        .default(0),
    )
    .addOption(new Option('--data <dir>', 'folder of the journal').conflicts('memory'))
    .option('--memory', 'keep nothing: queues and messages are gone when it ends')
    .addOption(
      new Option(
        '--fault <name=share>',
        'go wrong on purpose, such as duplicate=1 or delay=0.2:500ms; as often as wanted',
      ).argParser((text: string, before: readonly string[] = []) => [...before, text]),
    )
    .option('-v, --verbose', 'one line for each connection')
    .addHelpText(
      'after',
      '\nExamples:\n  $ shopctl broker\n  $ shopctl broker --memory --port 5672 --management-port 15672\n  $ shopctl broker --fault duplicate=1 --fault cut-before-confirm=0.05 --fault delay=0.2:500ms --seed 7\n  $ AMQP_URL=amqp://guest:guest@127.0.0.1:5673 node my-consumer.js',
    )
    .action(async (flags: BrokerFlags, command: Command) => {
      const { port, managementPort, data, memory = false, verbose = false, fault = [] } = flags;
      const { broker } = await import('./broker.ts');
      const options = {
        port,
        managementPort,
        verbose,
        faults: fault,
        ...(memory ? {} : { dataDir: data ?? '.shopctl/broker' }),
      };
      await run(command, (context) => broker(options, context), { endsOnInterrupt: true });
    });
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
}
