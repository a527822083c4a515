import type { Command } from 'commander';
import type { Run } from '../run.ts';

/** `doctor`. */
export function addDoctor(program: Command, run: Run): void {
  program
    .command('doctor')
    .summary('look for what keeps services from starting')
    .description(
      'Look at what a run needs of this machine and of the configuration: Node, ports, broker, database, memory, clock\n' +
        'and more. Changes nothing, and needs no configuration. Exit code 3 when there is a problem; warnings are no problem.',
    )
    .addHelpText('after', '\nExamples:\n  $ shopctl doctor\n  $ shopctl doctor --topology balances --json')
    .action(async (_options: unknown, command: Command) => {
      const { doctor } = await import('./doctor.ts');
      const { config } = command.optsWithGlobals<{ readonly config?: string }>();
      await run(command, (context) => doctor({ isConfigNamed: config !== undefined }, context));
    });
}
