import { setTimeout as sleep } from 'node:timers/promises';
import type { ProjectStatus } from '../topology/index.ts';
import { localTime } from './local-time.ts';
import { statusDocument } from './status-document.ts';
import type { ServiceRow } from './status-table.ts';
import { statusText } from './status-words.ts';
import { cutTo } from './text-width.ts';
import { writeAll } from './write-all.ts';

export interface Look {
  readonly found: ProjectStatus;
  readonly rows: readonly ServiceRow[];
}

export interface WatchOptions {
  readonly look: () => Promise<Look>;
  readonly everyMs: number;
  readonly stdout: NodeJS.WriteStream;
  /** stdout is a terminal whose cursor can be moved. */
  readonly isTerminal: boolean;
  readonly color: boolean;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Shows what runs again and again until interrupted, and resolves to what it saw last. */
export async function watchStatus(options: WatchOptions): Promise<Look> {
  const { look, everyMs, stdout, isTerminal, json, color, signal } = options;
  const show = json ? documents(stdout) : isTerminal ? frames(stdout, color) : changes(stdout);
  try {
    for (;;) {
      const seen = await look();
      await show.next(seen);
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return seen;
    }
  } finally {
    show.end();
  }
}

interface Show {
  next(seen: Look): Promise<void>;
  end(): void;
}

function documents(stdout: NodeJS.WriteStream): Show {
  return {
    next: ({ found, rows }) => {
      const document = statusDocument('shopctl/status/1', { ...found, services: rows });
      return writeAll(stdout, `${JSON.stringify(document)}\n`);
    },
    end: () => undefined,
  };
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const HOME = '\u001b[H';
const TO_END_OF_LINE = '\u001b[K';
const TO_END_OF_SCREEN = '\u001b[J';

/** One write a frame, over the one before it: nothing is cleared that is written again, so nothing flickers. */
function frames(stdout: NodeJS.WriteStream, color: boolean): Show {
  let last: Look | undefined;
  const paint = ({ found, rows }: Look, before: string) => {
    const { columns: width = 80, rows: height = 24 } = stdout;
    const text = statusText(found, rows, { width, color, nowMs: Date.now() });
    return writeAll(stdout, `${before}${HOME}${frameOf(text, { width, height })}${TO_END_OF_SCREEN}`);
  };
  // Lines of another width are broken by the terminal: the rest of them has to go.
  const repaint = () => {
    if (last !== undefined) void paint(last, `${HOME}${TO_END_OF_SCREEN}`);
  };
  stdout.on('resize', repaint);
  return {
    async next(seen) {
      // What stood on the screen stays above it, where one can scroll to.
      const before = last === undefined ? HIDE_CURSOR + '\n'.repeat(stdout.rows ?? 24) : '';
      last = seen;
      await paint(seen, before);
    },
    end() {
      stdout.off('resize', repaint);
      if (last !== undefined) stdout.write(`${SHOW_CURSOR}\n`);
    },
  };
}

/** The lines that a screen has room for, each cut to its width. */
export function frameOf(text: string, { width, height }: { width: number; height: number }): string {
  const lines = text.split('\n');
  const room = Math.max(1, height - 1);
  const hidden = lines.length - room;
  const shown = hidden <= 0 ? lines : [...lines.slice(0, room - 1), `… ${hidden + 1} more lines`];
  // Painted lines come from the table, which keeps to the width by itself.
  return shown
    .map((line) => `${line.includes('\u001b') ? line : cutTo(line, width)}${TO_END_OF_LINE}`)
    .join('\n');
}

/** A line for every service at first, then one whenever something happens to one. */
function changes(stdout: NodeJS.WriteStream): Show {
  let before = new Map<string, string>();
  return {
    async next({ found, rows }) {
      const now = new Map(rows.map((row) => [row.name, changeWords(row)]));
      const gone = [...before.keys()].filter((name) => !now.has(name));
      const news = [...now].filter(([name, words]) => before.get(name) !== words);
      before = now;
      const nowMs = Date.now();
      const width = Math.max(0, ...found.services.map(({ name }) => name.length));
      const lines = [...news, ...gone.map((name) => [name, 'gone'] as const)].map(
        ([name, words]) => `${localTime(nowMs, nowMs)}  ${name.padEnd(width)}  ${words}\n`,
      );
      if (lines.length > 0) await writeAll(stdout, lines.join(''));
    },
    end: () => undefined,
  };
}

function changeWords({ state, pid, restarts = 0, reason }: ServiceRow): string {
  // What has just ended keeps its pid until the rest of its group is gone: that is no other change.
  const process = pid === undefined || state === 'exited' || state === 'stopped' ? [] : [`pid ${pid}`];
  const times = restarts === 0 ? [] : [`restarted ${restarts === 1 ? 'once' : `${restarts} times`}`];
  const isTold = state === 'unhealthy' || state === 'failed' || state === 'starting';
  const why = reason !== undefined && isTold ? [reason] : [];
  const facts = [...process, ...times, ...why].join(', ');
  return facts === '' ? state : `${state} (${facts})`;
}
