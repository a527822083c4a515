import type { ProcessTable } from './process-table.ts';
import { linuxProcessTable } from './process-table-linux.ts';
import { macosProcessTable } from './process-table-macos.ts';

/** The process table of the system this runs on. */
export function processTable(): ProcessTable {
  return process.platform === 'darwin' ? macosProcessTable : linuxProcessTable;
}
