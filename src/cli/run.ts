import type { Command } from 'commander';
import type { ExitCode } from '../errors/index.ts';
import type { CliContext } from './context.ts';

/** Runs a command's body with what the global options say; the body itself knows no command line. */
export type Run = (
  command: Command,
  body: (context: CliContext) => Promise<ExitCode>,
  options?: RunOptions,
) => Promise<void>;

export interface RunOptions {
  /** Ctrl-C is how the command is meant to end: then its own exit code counts, not that of an interruption. */
  readonly endsOnInterrupt?: boolean;
}
