import { formatByteSize } from '../lib/byte-size.ts';
import { formatDuration } from '../lib/duration.ts';
import type { ServiceStatus } from '../topology/index.ts';
import { type Paint, paint } from './sgr.ts';
import { shownPid } from './shown-pid.ts';
import { cutTo, fill, textWidth } from './text-width.ts';

/** A service and what its processes use, where it has any. */
export interface ServiceRow extends ServiceStatus {
  /** 100 is one core. */
  readonly cpuPercent?: number;
  readonly rssBytes?: number;
  /** Age of its main process. */
  readonly uptimeMs?: number;
}

export interface TableStyle {
  /** Columns of the terminal; absent: as wide as it gets. */
  readonly width?: number;
  readonly color: boolean;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

interface Column {
  readonly title: string;
  readonly cell: (row: ServiceRow, nowMs: number) => string;
  readonly isNumber?: boolean;
  /** Where there is not room for all, columns go in this order, the least first; without one it stays. */
  readonly leaves?: number;
}

const COLUMNS: readonly Column[] = [
  { title: 'SERVICE', cell: ({ name }) => name },
  { title: 'STATE', cell: ({ state, adopted }) => (adopted === undefined ? state : `${state}, adopted`) },
  { title: 'PORT', cell: ({ port }) => String(port ?? '-'), isNumber: true, leaves: 4 },
  { title: 'PID', cell: (row) => String(shownPid(row) ?? '-'), isNumber: true, leaves: 3 },
  { title: 'UPTIME', cell: (row, nowMs) => shownUptime(row, nowMs), isNumber: true, leaves: 5 },
  { title: 'CPU', cell: ({ cpuPercent }) => shownPercent(cpuPercent), isNumber: true, leaves: 7 },
  { title: 'RSS', cell: ({ rssBytes }) => shownBytes(rssBytes), isNumber: true, leaves: 6 },
  { title: 'RESTARTS', cell: ({ restarts = 0 }) => String(restarts), isNumber: true, leaves: 2 },
  { title: 'URL', cell: ({ url }) => url ?? '-', leaves: 1 },
];
const GAP = '  ';
/** Less of an address says nothing. */
const LEAST_URL_WIDTH = 18;

/** Services as a table, a line each, never wider than the terminal: addresses are cut, then columns left out. */
export function statusTable(
  services: readonly ServiceRow[],
  { width = Number.POSITIVE_INFINITY, color, nowMs }: TableStyle,
): string {
  const columns = COLUMNS.map((column) => {
    const cells = services.map((row) => column.cell(row, nowMs));
    return { ...column, cells, width: Math.max(...[column.title, ...cells].map(textWidth)) };
  });
  const shown = fitting(columns, width);
  const line = (texts: readonly string[], state?: string) =>
    texts
      .map((text, index) => {
        const column = shown[index];
        const side = column?.isNumber === true ? 'left' : 'right';
        const cell = fill(cutTo(text, column?.width ?? 0), column?.width ?? 0, side);
        return color && state !== undefined && column?.title === 'STATE' ? paint(cell, paintOf(state)) : cell;
      })
      .join(GAP)
      .trimEnd();
  const titles = line(shown.map(({ title }) => title));
  const rows = services.map((row, index) =>
    line(
      shown.map(({ cells }) => cells[index] ?? ''),
      row.state,
    ),
  );
  return [color ? paint(titles, 'dim') : titles, ...rows].join('\n');
}

interface Sized {
  readonly title: string;
  readonly width: number;
  readonly leaves?: number;
}

function fitting<C extends Sized>(columns: readonly C[], width: number): C[] {
  const excess = totalWidth(columns) - width;
  if (excess <= 0) return [...columns];
  const isCuttable = ({ title, width: own }: C) => title === 'URL' && own - excess >= LEAST_URL_WIDTH;
  if (columns.some(isCuttable)) return shortened(columns, 'URL', excess);
  const first = columns.reduce<C | undefined>(
    (least, column) => (isBefore(column, least) ? column : least),
    undefined,
  );
  if (first === undefined) return shortened(columns, 'SERVICE', excess);
  return fitting(
    columns.filter((column) => column !== first),
    width,
  );
}

const isBefore = ({ leaves }: Sized, least: Sized | undefined) =>
  leaves !== undefined && leaves < (least?.leaves ?? Number.POSITIVE_INFINITY);

const shortened = <C extends Sized>(columns: readonly C[], title: string, by: number): C[] =>
  columns.map((column) =>
    column.title === title ? { ...column, width: Math.max(1, column.width - by) } : column,
  );

const totalWidth = (columns: readonly Sized[]) =>
  columns.reduce((sum, { width }) => sum + width, GAP.length * (columns.length - 1));

function shownUptime({ uptimeMs, state, since, pid }: ServiceRow, nowMs: number): string {
  if (uptimeMs !== undefined) return formatDuration(uptimeMs);
  const runs = pid !== undefined || state === 'ready' || state === 'unhealthy';
  return runs && since !== undefined ? formatDuration(Math.max(0, nowMs - Date.parse(since))) : '-';
}

const shownPercent = (percent: number | undefined) =>
  percent === undefined ? '-' : `${percent.toFixed(percent < 9.95 ? 1 : 0)}%`;
const shownBytes = (bytes: number | undefined) => (bytes === undefined ? '-' : formatByteSize(bytes));

function paintOf(state: string): Paint {
  if (state === 'ready' || state === 'completed') return 'green';
  if (state === 'failed' || state === 'exited' || state === 'unhealthy' || state === 'orphaned') return 'red';
  return state === 'stopped' ? 'dim' : 'yellow';
}
