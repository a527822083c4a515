import type { Command } from 'commander';
import type { Run } from '../run.ts';

/** `restart`, `stop`, `start`: single services of what runs. */
export function addServiceCommands(program: Command, run: Run): void {
  program
    .command('restart')
    .argument('<service...>', 'which ones')
    .summary('restart single services of what runs')
    .description(
      'Restart services while the others go on. Whoever needs one of them is asked whether it still answers as soon as it ' +
        'is ready again. Exit code 3 when one does not become ready, or when nothing runs.',
    )
    .option('--with-dependants', 'also restart those that need them, after them')
    .action(
      async (
        services: string[],
        { withDependants = false }: { withDependants?: boolean },
        command: Command,
      ) => {
        const { operateServices } = await import('./service-operation.ts');
        const options = { operation: 'restart' as const, services, withDependants };
        await run(command, (context) => operateServices(options, context));
      },
    );
  program
    .command('stop')
    .argument('<service...>', 'which ones')
    .summary('stop single services of what runs (`down` stops all)')
    .description('Stop services while the others go on, and say who needs them. `start` starts them again.')
    .action(async (services: string[], _options: unknown, command: Command) => {
      const { operateServices } = await import('./service-operation.ts');
      const options = { operation: 'stop' as const, services, withDependants: false };
      await run(command, (context) => operateServices(options, context));
    });
  program
    .command('start')
    .argument('<service...>', 'which ones')
    .summary('start single services of what runs again')
    .description('Start services that were stopped or have ended by themselves; one that runs is left alone.')
    .action(async (services: string[], _options: unknown, command: Command) => {
      const { operateServices } = await import('./service-operation.ts');
      const options = { operation: 'start' as const, services, withDependants: false };
      await run(command, (context) => operateServices(options, context));
    });
}
