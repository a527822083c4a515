import { cutTo, textWidth } from '../text-width.ts';
import { canBeStopped, type LiveState } from './live-state.ts';

/** The least needed goes first where there is not room for all; `?` and `q` stay longest. */
interface Hint {
  readonly words: string;
  readonly leaves: number;
}

const GAP = '  ';

/** What can be pressed, in one line. */
export function keyLine(state: LiveState, width: number): string {
  return cutTo(fitting(hints(state), width), width);
}

function hints({ rows, selected, logsOf, isAttached, panel }: LiveState): Hint[] {
  const row = rows.find(({ name }) => name === selected);
  const stop = row === undefined || canBeStopped(row) ? 's stop' : 's start';
  return [
    { words: '↑↓ select', leaves: 1 },
    { words: logsOf !== undefined && logsOf === selected ? 'l all logs' : 'l only its logs', leaves: 3 },
    { words: 'r restart', leaves: 4 },
    { words: stop, leaves: 5 },
    { words: panel === 'detail' ? 'Esc close' : 'h detail', leaves: 2 },
    { words: panel === 'help' ? 'Esc close' : '? help', leaves: 6 },
    { words: isAttached ? 'q detach' : 'q stop all', leaves: 7 },
  ];
}

function fitting(all: readonly Hint[], width: number): string {
  const text = all.map(({ words }) => words).join(GAP);
  if (textWidth(text) <= width || all.length <= 1) return text;
  const first = Math.min(...all.map(({ leaves }) => leaves));
  return fitting(
    all.filter(({ leaves }) => leaves !== first),
    width,
  );
}

/** Every key, a line each. */
export function helpLines({ isAttached }: Pick<LiveState, 'isAttached'>): string[] {
  const end = isAttached
    ? ['q, Ctrl-C  leave this view; the services go on']
    : [
        'q          stop all and quit (exit code 0)',
        'Ctrl-C     the same (exit code 130); twice: kill at once',
      ];
  return [
    '↑ ↓, k j   select a service',
    'l          log lines of the selected one only; again: of all',
    'r          restart the selected one',
    's          stop it, or start it again',
    'h, Enter   all about it; Esc closes',
    ...end,
    'Ctrl-Z     suspend, as elsewhere; `fg` resumes',
  ];
}
