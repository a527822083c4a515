import { safeText } from '../../lib/safe-text.ts';
import { describeStart } from '../service-words.ts';
import { paint } from '../sgr.ts';
import { statusTable } from '../status-table.ts';
import { cutTo, textWidth } from '../text-width.ts';
import { detailLines, type ServiceFacts } from './detail.ts';
import { helpLines, keyLine } from './key-words.ts';
import type { LiveState } from './live-state.ts';
import { rowsAround } from './rows-around.ts';

export interface FrameStyle {
  /** Columns and rows of the terminal. */
  readonly width: number;
  readonly height: number;
  readonly color: boolean;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** What the configuration says of the services, by name. */
  readonly facts: ReadonlyMap<string, ServiceFacts>;
}

const MARK = '> ';
const BLANK = '  ';
const LEAST_TABLE_WIDTH = 26;
/** So much is taken where the terminal has it; from there on the table leaves room for log lines. */
const USUAL_HEIGHT = 10;
const SHARE = 2 / 3;
/** A panel leaves so many lines for the services: the selected one, its neighbours, what is hidden. */
const LEAST_ROWS = 4;

/**
 * The lines at the bottom of the terminal: heading, what was asked for (detail, help), table, message, keys. Never more
 * than the terminal has but one, and never wider than it is but one: in the last column a terminal may break the line.
 */
export function frame(state: LiveState, style: FrameStyle): string[] {
  const width = Math.max(1, style.width - 1);
  const room = roomOf(style.height);
  const painted = (text: string, color: Parameters<typeof paint>[1]) =>
    paint(text, style.color ? color : undefined);
  const message = messageOf(state);
  const bottom = [
    ...(message === undefined ? [] : [painted(cutTo(safeText(message.text, false), width), message.color)]),
    painted(keyLine(state, width), 'dim'),
  ].slice(0, Math.max(0, room - 1));
  const top = room - bottom.length > 1 ? [painted(heading(state, width), 'dim')] : [];
  const rest = room - bottom.length - top.length;
  const panel = panelLines(state, style)
    .slice(0, Math.max(0, rest - LEAST_ROWS))
    .map((line) => cutTo(safeText(line, false), width));
  return [...top, ...panel, ...tableLines(state, style, rest - panel.length), ...bottom];
}

function roomOf(height: number): number {
  return Math.max(1, Math.min(height - 1, Math.max(USUAL_HEIGHT, Math.floor(height * SHARE))));
}

function heading({ topology, rows, logsOf }: LiveState, width: number): string {
  const filter = logsOf === undefined ? '' : `only logs of ${logsOf} ── `;
  const words = cutTo(`── ${filter}${topology}: ${describeStart(rows)} `, width);
  return `${words}${'─'.repeat(Math.max(0, width - textWidth(words)))}`;
}

const GERUND = { restart: 'restarting', stop: 'stopping', start: 'starting' } as const;

function messageOf({ refusal, ongoing }: LiveState) {
  if (refusal !== undefined) return { text: refusal, color: 'red' } as const;
  if (ongoing.size === 0) return undefined;
  const text = [...ongoing].map(([service, operation]) => `${GERUND[operation]} ${service}`).join(', ');
  return { text: `${text}…`, color: 'yellow' } as const;
}

function panelLines(state: LiveState, { facts, nowMs }: FrameStyle): string[] {
  const { rows, selected } = state;
  if (state.panel === 'help') return helpLines(state);
  const row = state.panel === 'detail' ? rows.find(({ name }) => name === selected) : undefined;
  return row === undefined ? [] : detailLines(row, { rows, facts: facts.get(row.name), nowMs });
}

/** Columns are as wide as all services need, so that none jumps while the window moves. */
function tableLines({ rows, selected }: LiveState, style: FrameStyle, room: number): string[] {
  const most = Math.max(1, style.width - 1);
  // Narrower than this not even name and state have room: such lines are cut, which painted ones cannot be.
  const isTiny = most < LEAST_TABLE_WIDTH;
  const table = { width: Math.max(1, most - MARK.length), color: style.color && !isTiny, nowMs: style.nowMs };
  const [titles = '', ...lines] = statusTable(rows, table).split('\n');
  const at = Math.max(
    0,
    rows.findIndex(({ name }) => name === selected),
  );
  const marked = lines.map((line, index) => `${index === at ? MARK : BLANK}${line}`);
  const shown =
    room > 1 ? [`${BLANK}${titles}`, ...rowsAround(marked, at, room - 1)] : rowsAround(marked, at, room);
  return isTiny ? shown.map((line) => cutTo(line, most)) : shown;
}
