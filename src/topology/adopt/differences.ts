import { resolve } from 'node:path';
import { printable } from '../printable.ts';
import type { RunningProgram } from '../process-table.ts';
import { type ExpectedProgram, realPath } from './expected-program.ts';

/** How a running process differs from the one that the configuration describes, each as a sentence about it; empty: it is it. */
export function differences(expected: ExpectedProgram, found: RunningProgram): string[] {
  const said: string[] = [];
  if (found.uid !== expected.uid) {
    said.push(`it belongs to user id ${found.uid}, and you are ${expected.uid}`);
  }
  const command = differentCommand(expected, found);
  if (command !== undefined) said.push(command);
  if (found.cwd !== expected.cwd) {
    const where = found.cwd ?? 'a folder that may not be looked up';
    said.push(`it runs in ${where}, not in ${expected.cwd}`);
  }
  return said;
}

function differentCommand(expected: ExpectedProgram, found: RunningProgram): string | undefined {
  const wanted = expected.words.join(' ');
  if (expected.executable === undefined) return `there is no program ${expected.words[0]} to compare it with`;
  if (expected.isScript ? runsScript(expected, found) : hasSameArguments(expected, found, 1)) {
    if (expected.isScript || found.executable === expected.executable) return undefined;
    const program = found.executable ?? 'one that may not be looked up';
    return `its program is ${program}, not ${expected.executable}`;
  }
  return `its command is \`${printable(found.words.join(' '))}\`, not \`${printable(wanted)}\``;
}

/**
 * A script shows as its interpreter (with one argument at most), its path and its arguments; or, where it has named its
 * process as npm does, as that name.
 */
function runsScript(expected: ExpectedProgram, found: RunningProgram): boolean {
  if (found.words.join(' ').trim() === expected.words.join(' ')) return true;
  const { cwd } = found;
  if (cwd === undefined) return false;
  const at = found.words
    .slice(1, 3)
    .findIndex((word) => realPath(resolve(cwd, word)) === expected.executable);
  return at !== -1 && hasSameArguments(expected, found, at + 2);
}

/** @param from where the arguments of the running one begin */
function hasSameArguments(expected: ExpectedProgram, found: RunningProgram, from: number): boolean {
  const wanted = found.areWordsCut ? expected.words.join(' ').split(/\s+/) : expected.words;
  const [ours, theirs] = [wanted.slice(1), found.words.slice(from)];
  return (
    ours.length === theirs.length &&
    ours.every((word, index) => isSameWord(word, theirs[index] ?? '', [expected.cwd, found.cwd]))
  );
}

/** The same text, or two ways to write the path of one file, each from its own folder. */
function isSameWord(ours: string, theirs: string, [ourCwd, theirCwd]: [string, string | undefined]): boolean {
  if (ours === theirs) return true;
  if (theirCwd === undefined || ours === '' || theirs === '') return false;
  const file = realPath(resolve(ourCwd, ours));
  return file !== undefined && file === realPath(resolve(theirCwd, theirs));
}
