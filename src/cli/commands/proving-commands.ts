import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import type { Run } from '../run.ts';

/** `test e2e`, `test contract`, `load`: commands that need running services, and bring them up where they do not run. */
export function addProvingCommands(program: Command, run: Run): void {
  const test = program.command('test').summary('prove the services: end to end, and against their contracts');
  addTestE2e(test, run);
  addTestContract(test, run);
  addLoad(program, run);
}

const USES_TOPOLOGY =
  'Services that do not run are started on fresh data and stopped afterwards; a topology that runs is used as it is.';

const ADOPT = [
  '--adopt',
  'use services that somebody already runs as they are, and leave them running',
] as const;

interface AdoptFlag {
  readonly adopt?: boolean;
}

interface TestE2eFlags extends AdoptFlag {
  readonly tag?: readonly string[];
  readonly grep?: string;
  readonly jobs?: string;
  readonly bail?: boolean;
  readonly report?: readonly string[];
}

function addTestE2e(test: Command, run: Run): void {
  test
    .command('e2e')
    .argument('[path...]', 'suite files or folders (default: those of the configuration)')
    .summary('run end-to-end suites')
    .description(
      `Run end-to-end suites. Every exchange is also checked against the services' contracts.\n${USES_TOPOLOGY}`,
    )
    .option('--tag <tag>', 'only tests with this tag, or one of these where it is given again', listed)
    .option('--grep <pattern>', 'only tests whose suite and title this regular expression finds')
    .option('--jobs <n>', 'how many suites run at the same time (default: 1)')
    .option('--bail', 'stop at the first failure')
    .option(
      '--report <kind=file>',
      'also write junit=FILE, json=FILE or pretty=FILE; may be given again',
      listed,
    )
    .option(...ADOPT)
    .addHelpText(
      'after',
      `
Examples:
  $ shopctl test e2e
  $ shopctl test e2e suites/simulator/orders.yaml --grep cancelled --bail
  $ shopctl test e2e --tag money --jobs 4 --report junit=out.xml`,
    )
    .action(async (paths: string[], { adopt = false, ...flags }: TestE2eFlags, command: Command) => {
      const { testE2e } = await import('./test-e2e.ts');
      const { openContracts } = await import('../exchange-check.ts');
      const { topologyUser } = await import('../with-topology.ts');
      const surroundings = { withTopology: topologyUser({ adopt }), openContracts, cwd: process.cwd() };
      await run(command, (context) => testE2e<CliContext>({ paths, ...flags }, context, surroundings));
    });
}

function addTestContract(test: Command, run: Run): void {
  test
    .command('contract')
    .argument('[service...]', 'only these services')
    .summary('call every documented operation and check the answers')
    .description(
      `Call every operation of the services' OpenAPI documents from its documented examples, and check status, headers\n` +
        `and body of the answer against the document. ${USES_TOPOLOGY}`,
    )
    .option(...ADOPT)
    .addHelpText('after', '\nExamples:\n  $ shopctl test contract\n  $ shopctl test contract orders --json')
    .action(async (services: string[], { adopt = false }: AdoptFlag, command: Command) => {
      const { testContract } = await import('./test-contract.ts');
      const { topologyUser } = await import('../with-topology.ts');
      await run(command, (context) => testContract({ services }, context, topologyUser({ adopt })));
    });
}

interface LoadFlags extends AdoptFlag {
  readonly duration?: string;
  readonly connections?: string;
  readonly users?: string;
}

function addLoad(program: Command, run: Run): void {
  program
    .command('load')
    .argument('<profile>', 'a profile below `load:` in the configuration')
    .summary('drive a load profile and judge it by its thresholds')
    .description(`Drive a load profile and judge it by its thresholds. ${USES_TOPOLOGY}`)
    .option('--duration <time>', "instead of the profile's, such as 30s")
    .option('--connections <n>', "instead of the profile's, where it has requests")
    .option('--users <n>', "instead of the profile's, where it has a journey")
    .option(...ADOPT)
    .addHelpText(
      'after',
      '\nExamples:\n  $ shopctl load browse\n  $ shopctl load balances --topology balances --json > result.json',
    )
    .action(async (profile: string, { adopt = false, ...options }: LoadFlags, command: Command) => {
      const { load } = await import('./load.ts');
      const { topologyUser } = await import('../with-topology.ts');
      await run(command, (context) =>
        load(profile, options, { context, withTopology: topologyUser({ adopt }) }),
      );
    });
}

/** An option that may be given again: each takes one value, so that paths may follow. */
function listed(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
