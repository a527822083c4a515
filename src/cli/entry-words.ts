import type { ChalkInstance } from 'chalk';
import type { LogLevel } from '../lib/log-levels.ts';
import { safeText } from '../lib/safe-text.ts';
import type { LogEntry } from '../topology/index.ts';
import { localTime } from './local-time.ts';

/** Of every line of pino and bunyan the same; `--raw` and `--json` have them. */
const TIRING_KEYS = new Set(['pid', 'hostname', 'v']);
const PAINT: Readonly<Record<LogLevel, (text: string, chalk: ChalkInstance) => string>> = {
  trace: (text, chalk) => chalk.dim(text),
  debug: (text, chalk) => chalk.dim(text),
  info: (text, chalk) => chalk.green(text),
  warn: (text, chalk) => chalk.yellow(text),
  error: (text, chalk) => chalk.red(text),
  fatal: (text, chalk) => chalk.red.bold(text),
};
const LEVEL_WIDTH = 5;

export interface EntryStyle {
  readonly service: string;
  /** When the line was received; shown where it names no time itself. */
  readonly atMs: number;
  readonly nowMs: number;
  readonly chalk: ChalkInstance;
}

/** A line of a structured log for people: time, level, message, the rest as key=value; a stack on lines of its own. */
export function entryWords(entry: LogEntry, style: EntryStyle): string[] {
  const { chalk, atMs, nowMs, service } = style;
  const { level, message, stack } = entry;
  const isColored = chalk.level > 0;
  const [first = '', ...more] = message.split(/\r?\n/).map((line) => safeText(line, isColored));
  const fields = Object.entries(entry.fields)
    .filter(([key, value]) => !TIRING_KEYS.has(key) && !isOwnName(key, value, service))
    .map(([key, value]) => `${chalk.dim(`${safeText(key, false)}=`)}${safeText(shownValue(value), false)}`);
  const badge = (level ?? '').toUpperCase().padEnd(LEVEL_WIDTH);
  const head = [
    chalk.dim(localTime(entry.atMs ?? atMs, nowMs)),
    level === undefined ? badge : PAINT[level](badge, chalk),
    first,
    ...fields,
  ];
  const below = [...more, ...(stack === undefined ? [] : stackLines(stack))];
  return [head.filter((part) => part !== '').join(' '), ...below.map((line) => `    ${line}`)];
}

const isOwnName = (key: string, value: unknown, service: string) =>
  (key === 'service' || key === 'name') && value === service;

const stackLines = (stack: string) =>
  stack
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => safeText(line, false));

function shownValue(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[^\s"'=]+$/.test(value) ? value : JSON.stringify(value);
}
