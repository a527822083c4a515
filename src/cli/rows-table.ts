import { Chalk } from 'chalk';
import type { Cell, Rows } from '../database/index.ts';
import { printable } from './queue-words.ts';

export interface TableLook {
  readonly color: boolean;
  /** Characters that a line may have; without, no cell is cut. */
  readonly width?: number;
}

const GAP = '  ';
/** No column is made narrower than this: a line that does not fit even then is wrapped by the terminal. */
const NARROWEST = 6;

/** Rows under their columns, as lines that each end with a line break. Numbers stand to the right. */
export function rowsTable({ columns, rows }: Rows, { color, width }: TableLook): string {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const titles = columns.map((name) => printable(name));
  const texts = rows.map((row) => row.map(shown));
  const wanted = titles.map((title, column) =>
    Math.max(title.length, ...texts.map((row) => row[column]?.length ?? 0)),
  );
  const widths = width === undefined ? wanted : fitted(wanted, width);
  const isRight = titles.map((_, column) => rows.some((row) => typeof row[column] === 'number'));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const room = widths[column] ?? 0;
        const cut = cell.length > room ? `${cell.slice(0, room - 1)}…` : cell;
        return isRight[column] ? cut.padStart(room) : cut.padEnd(room);
      })
      .join(GAP)
      .trimEnd();
  return [chalk.dim(line(titles)), ...texts.map(line)].map((text) => `${text}\n`).join('');
}

const shown = (cell: Cell): string => (cell === null ? 'NULL' : printable(String(cell)));

/** The widest columns are cut, all to one width, until the line fits. */
function fitted(wanted: readonly number[], width: number): number[] {
  const room = width - GAP.length * (wanted.length - 1);
  const cutTo = (most: number) => wanted.map((one) => Math.min(one, most));
  let most = Math.max(NARROWEST, Math.min(room, Math.max(0, ...wanted)));
  while (most > NARROWEST && cutTo(most).reduce((sum, one) => sum + one, 0) > room) most -= 1;
  return cutTo(most);
}
