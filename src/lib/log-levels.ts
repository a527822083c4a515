/** The levels that all loggers can be brought to, the least first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const WORDS: Readonly<Record<string, LogLevel>> = {
  trace: 'trace',
  silly: 'trace',
  verbose: 'debug',
  debug: 'debug',
  info: 'info',
  information: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  err: 'error',
  error: 'error',
  severe: 'error',
  crit: 'fatal',
  critical: 'fatal',
  fatal: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
  emergency: 'fatal',
  panic: 'fatal',
  dpanic: 'fatal',
};

export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
}

/** A level as a logger writes it; undefined for what is none. */
export function levelOf(written: unknown): LogLevel | undefined {
  if (typeof written === 'number') return levelOfNumber(written);
  if (typeof written !== 'string') return undefined;
  const word = written.toLowerCase();
  if (Object.hasOwn(WORDS, word)) return WORDS[word];
  return /^\d+$/.test(word) ? levelOfNumber(Number(word)) : undefined;
}

/** pino and bunyan count from 10 (trace) to 60 (fatal), syslog and GELF from 7 (debug) down to 0 (emergency). */
function levelOfNumber(number: number): LogLevel | undefined {
  if (number >= 10) return LOG_LEVELS[Math.min(6, Math.floor(number / 10)) - 1];
  if (!Number.isInteger(number) || number < 0 || number > 7) return undefined;
  if (number <= 2) return 'fatal';
  if (number === 3) return 'error';
  if (number === 4) return 'warn';
  return number === 7 ? 'debug' : 'info';
}

/** Python's `levelno` counts otherwise: 10 is debug, 50 critical. */
export function levelOfPython(number: unknown): LogLevel | undefined {
  return typeof number === 'number' ? levelOfNumber(number + 10) : undefined;
}

const LEADING_LEVEL = /^[[(<]?([A-Za-z]+)[\])>]?(?=[:\s])/;
const UPPER_LEVEL = /\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|PANIC)\b/;

/** The level that a line of text names: its first word (`warn:`, `[error]`), or one in capitals near its beginning. */
export function levelInText(text: string): LogLevel | undefined {
  const first = LEADING_LEVEL.exec(text)?.[1];
  const level = first === undefined ? undefined : levelOf(first);
  if (level !== undefined && first !== undefined && isMarked(text, first)) return level;
  return levelOf(UPPER_LEVEL.exec(text.slice(0, 80))?.[1]);
}

/** `error: x` and `[error] x` name a level; `error handling is on` begins with the word. */
function isMarked(text: string, word: string): boolean {
  return text.startsWith(`${word}:`) || !text.startsWith(word);
}
