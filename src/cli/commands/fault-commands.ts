import type { Command } from 'commander';
import type { Run } from '../run.ts';

/** `fault list`, `fault set`, `fault clear`: what is wrong on purpose with services that run. */
export function addFaultCommands(program: Command, run: Run): void {
  const fault = program.command('fault').summary('list, set and clear faults by hand on running services');
  addList(fault, run);
  addSet(fault, run);
  addClear(fault, run);
}

const ROUTE = 'only this one, such as "POST /payment/process"';

function addList(fault: Command, run: Run): void {
  fault
    .command('list')
    .argument('[service]', 'only this one')
    .summary('show the faults that are set by hand')
    .description('Show the faults that are set by hand on services that run.')
    .addHelpText('after', '\nExamples:\n  $ shopctl fault list\n  $ shopctl fault list payments --json')
    .action(async (service: string | undefined, _options: unknown, command: Command) => {
      const { faultList } = await import('./fault.ts');
      await run(command, (context) => faultList(service, context));
    });
}

interface SetFlags {
  readonly latency?: string;
  readonly failureRate?: string;
  readonly route?: string;
}

function addSet(fault: Command, run: Run): void {
  fault
    .command('set')
    .argument('<service>', 'a service whose configuration has `simulate:`')
    .summary('make a running service slow, or let it fail')
    .description(
      'Make a running service slow, or let it fail. What is set adds to what was set before, and holds from the next ' +
        'request on until it is cleared or the service restarts.',
    )
    .option('--latency <distribution>', '"normal(MEAN, SD)", "uniform(LOW, HIGH)" or "constant(TIME)"')
    .option('--failure-rate <percentage>', 'share of the requests that fail, such as 50%')
    .option('--route <route>', ROUTE)
    .addHelpText(
      'after',
      `
Examples:
  $ shopctl fault set payments --failure-rate 50%
  $ shopctl fault set payments --latency "normal(2s, 500ms)" --route "POST /payment/process"
  $ shopctl fault set products --latency "constant(0ms)"`,
    )
    .action(async (service: string, flags: SetFlags, command: Command) => {
      const { faultSet } = await import('./fault.ts');
      await run(command, (context) => faultSet(service, flags, context));
    });
}

function addClear(fault: Command, run: Run): void {
  fault
    .command('clear')
    .argument('[service]', 'only this one')
    .summary('take faults away again')
    .description('Take away what was set by hand: on all services that run, on one, or on one of its routes.')
    .option('--route <route>', ROUTE)
    .addHelpText(
      'after',
      '\nExamples:\n  $ shopctl fault clear\n  $ shopctl fault clear payments --route "POST /payment/process"',
    )
    .action(async (service: string | undefined, { route }: { route?: string }, command: Command) => {
      const { faultClear } = await import('./fault.ts');
      await run(command, (context) => faultClear({ service, route }, context));
    });
}
