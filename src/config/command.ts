import { commandWords } from '../lib/command-words.ts';
import type { Problems } from './problems.ts';

interface WrittenCommand {
  readonly command: string | readonly string[];
  readonly path: (string | number)[];
  /** What it is called in a sentence: ``the command of `users` ``. */
  readonly subject: string;
  /** Puts variables into one word. */
  readonly fill: (word: string) => string;
  readonly problems: Problems;
}

/** A command line is split before variables are put in, so that a value with a space stays one argument. */
export function readCommand(written: WrittenCommand): [string, ...string[]] | undefined {
  const { command, path, subject, fill, problems } = written;
  const split = typeof command === 'string' ? commandWords(command) : { ok: true as const, words: command };
  if (!split.ok) {
    const hint = 'run a shell yourself: command: [sh, -c, "…"]';
    problems.at(path, `${subject} cannot be split into words: ${split.reason}`, hint);
    return undefined;
  }
  const [program = '', ...args] = split.words.map(fill);
  if (program === '') problems.at(path, `${subject} names no program`, 'the first word is the program');
  return [program, ...args];
}
