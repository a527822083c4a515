import { Chalk, type ChalkInstance } from 'chalk';

export interface PrettyOptions {
  readonly color: boolean;
  /** Columns of the terminal; what is longer and may be cut is cut there. */
  readonly width: number;
}

export interface Style extends PrettyOptions {
  readonly chalk: ChalkInstance;
}

export const styleOf = (options: PrettyOptions): Style => ({
  ...options,
  chalk: new Chalk({ level: options.color ? 1 : 0 }),
});

/** For files: no colours, and lines as long as they have to be. */
export const plain: Style = styleOf({ color: false, width: 160 });

const MIN_WIDTH = 40;

/** Cuts a line at the edge of the terminal; very narrow ones get at least something to read. */
export function clip(line: string, { width }: Style): string {
  const room = Math.max(MIN_WIDTH, width);
  return line.length > room ? `${line.slice(0, room - 1)}…` : line;
}

export const indent = (lines: readonly string[], by = '  '): string[] =>
  lines.map((line) => (line === '' ? '' : by + line));

/** Control characters of an answer must not reach the terminal as commands; tab and newline may. */
export const printable = (text: string): string => text.replace(/[^\P{Cc}\t\n]/gu, '\uFFFD');
