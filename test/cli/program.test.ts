import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addCommands } from '../../src/cli/commands/index.ts';

function programFor(firstWord?: string): Command {
  const program = new Command('shopctl');
  addCommands(program, async () => undefined, firstWord);
  return program;
}

const all = programFor().commands.map((command) => command.name());
const helpOf = (program: Command, name: string) =>
  program.commands.find((command) => command.name() === name)?.helpInformation();

test.each(all)('a command line that begins with %s knows that command, and not all others', (name) => {
  const program = programFor(name);
  expect(helpOf(program, name)).toContain(`shopctl ${name}`);
  expect(helpOf(program, name)).toBe(helpOf(programFor(), name));
  expect(program.commands.length).toBeLessThan(all.length);
});

test.each(['--json', 'help', 'u', undefined])(
  'a command line that begins with %s knows every command',
  (word) => {
    expect(programFor(word).commands.map((command) => command.name())).toEqual(all);
  },
);
