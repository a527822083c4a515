import { CommanderError } from 'commander';
import { EXIT, type ExitCode, errorToJson, renderError, ShopctlError } from '../errors/index.ts';
import { tellStarted } from '../lib/tell-started.ts';
import { wantsColor } from './context.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createProgram } from './program.ts';

/** Runs one command line and sets the exit code: the only place that does. */
export async function main(argv: readonly string[]): Promise<void> {
  const interrupt = listenForInterrupt();
  endWithOutput(argv);
  try {
    process.exitCode = await run(argv, interrupt.signal);
    if (process.exitCode === EXIT.ok) tellStarted();
  } catch (error) {
    if (!(error instanceof ShopctlError)) throw error;
    process.exitCode = interrupt.signal.aborted ? EXIT.interrupted : error.exitCode;
    report(error, argv);
  } finally {
    interrupt.release();
  }
}

async function run(argv: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const setExitCode = (code: ExitCode) => {
    exitCode = code;
  };
  const program = createProgram(signal, setExitCode, argv[2]);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has already printed its sentence; help and version end with 0.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  return exitCode;
}

function report(error: ShopctlError, argv: readonly string[]): void {
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify(errorToJson(error))}\n`);
  else
    process.stderr.write(
      renderError(error, !argv.includes('--no-color') && wantsColor(process.env, process.stderr)),
    );
}

/**
 * `shopctl … | head` closes our stdout early: that is the reader's wish, not an error. Work that it cuts short is not
 * good either: 0 is for what has come to its end.
 */
function endWithOutput(argv: readonly string[]): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.interrupted);
    const failure = new ShopctlError('output-unwritable', {
      message: `what shopctl has to say cannot be written: ${error.message}`,
      cause: error,
    });
    report(
      failure,
      argv.filter((word) => word !== '--json'),
    );
    process.exit(failure.exitCode);
  });
  // Talk that nobody hears any more must not end the work, and there is nowhere left to tell it.
  process.stderr.on('error', () => undefined);
}
