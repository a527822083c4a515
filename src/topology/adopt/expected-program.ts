import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { OwnService } from '../../config/project.ts';

/** What the process of a service looks like when it was started as the configuration says. */
export interface ExpectedProgram {
  /** Real path of the program; undefined where there is none. */
  readonly executable: string | undefined;
  /** It begins with `#!`: what runs is its interpreter. */
  readonly isScript: boolean;
  /** Program and arguments as written. */
  readonly words: readonly [string, ...string[]];
  /** Real path. */
  readonly cwd: string;
  readonly uid: number | undefined;
}

/** The process that would run if we started the service ourselves. */
export function expectedProgram({ command, cwd, env }: OwnService): ExpectedProgram {
  const executable = findProgram(command[0], cwd, env['PATH'] ?? process.env['PATH'] ?? '');
  return {
    executable,
    isScript: executable !== undefined && beginsLikeScript(executable),
    words: command,
    cwd: realPath(cwd) ?? cwd,
    uid: process.getuid?.(),
  };
}

/** As a shell finds it: by its path, or by its name in one of the folders of PATH. */
function findProgram(program: string, cwd: string, path: string): string | undefined {
  const places = program.includes('/') ? [''] : path.split(delimiter);
  const found = places.map((place) => resolve(cwd, join(place, program))).find(isProgram);
  return found === undefined ? undefined : realPath(found);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function beginsLikeScript(file: string): boolean {
  const start = Buffer.alloc(2);
  try {
    const descriptor = openSync(file, 'r');
    readSync(descriptor, start, 0, start.length, 0);
    closeSync(descriptor);
  } catch {
    // A program that may be run but not read is no script: its interpreter could not read it either.
    return false;
  }
  return start.toString('latin1') === '#!';
}

/** Undefined when there is no such file. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
