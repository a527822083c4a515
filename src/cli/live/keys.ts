/** What a person can press in the live view; everything else is ignored. */
export type Key =
  | 'up'
  | 'down'
  | 'logs'
  | 'restart'
  | 'stop-or-start'
  | 'detail'
  | 'close'
  | 'help'
  | 'quit'
  | 'interrupt'
  | 'suspend';

const KEYS: ReadonlyMap<string, Key> = new Map([
  ['\u001b[A', 'up'],
  ['\u001bOA', 'up'],
  ['k', 'up'],
  ['\u001b[B', 'down'],
  ['\u001bOB', 'down'],
  ['j', 'down'],
  ['l', 'logs'],
  ['r', 'restart'],
  ['s', 'stop-or-start'],
  ['h', 'detail'],
  ['\r', 'detail'],
  ['\n', 'detail'],
  ['\u001b', 'close'],
  ['?', 'help'],
  ['q', 'quit'],
  ['\u0003', 'interrupt'],
  ['\u001a', 'suspend'],
]);
const ESC = '\\u001b';
/** One key as a terminal sends it: a control sequence (ECMA-48), one of a cursor key (SS3), or a character. */
const ONE = new RegExp(`${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}O[@-~]|.`, 'gsu');

/** The keys in what a terminal in raw mode sent at once. */
export function keysOf(text: string): Key[] {
  return [...text.matchAll(ONE)].flatMap(([sent]) => KEYS.get(sent) ?? []);
}
