import { type LogLevel, levelInText, levelOf, levelOfPython } from '../lib/log-levels.ts';
import { plainText } from './plain-text.ts';

/** What a line says, whoever's logger wrote it. */
export interface LogEntry {
  /** False: `message` is the whole line. */
  readonly isJson: boolean;
  /** The time that the line itself names, epoch milliseconds. */
  readonly atMs?: number;
  readonly level?: LogLevel;
  readonly message: string;
  readonly stack?: string;
  /** What else the line holds. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Ids of the request and of its trace. */
  readonly requestIds: readonly string[];
}

type Fields = Record<string, unknown>;

const TIME_KEYS = ['time', 'ts', 'timestamp', '@timestamp', 'datetime', 'asctime', 't'];
const LEVEL_KEYS = ['level', 'severity', 'levelname', 'log.level', 'loglevel', 'lvl', '@l'];
const MESSAGE_KEYS = ['msg', 'message', '@message', '@m', 'event'];
const ERROR_KEYS = ['err', 'error', 'exception', 'exc_info', '@x'];
const STACK_KEYS = ['stack', 'stacktrace', 'stack_trace', 'stackTrace', 'error.stack_trace', 'traceback'];
/** Compared without case, dashes, dots and underscores. */
const ID_KEYS = new Set(['requestid', 'reqid', 'xrequestid', 'correlationid', 'xcorrelationid', 'traceid']);
const PARENTS_OF_ID = new Set(['req', 'request', 'trace']);
const ID_DEPTH = 3;

/** JSON objects of pino, bunyan, winston, zap, zerolog, structlog, python-json-logger and their like; else text. */
export function parseEntry(text: string): LogEntry {
  const data = jsonObject(text);
  if (data === undefined) {
    const message = plainText(text);
    const level = levelInText(message);
    return { isJson: false, message, fields: {}, requestIds: [], ...(level === undefined ? {} : { level }) };
  }
  const fields = { ...data };
  const requestIds = idsIn(data);
  const atMs = take(fields, TIME_KEYS, epochMs);
  const level = take(fields, LEVEL_KEYS, levelOf) ?? levelOfPython(data['levelno']);
  const message = take(fields, MESSAGE_KEYS, textOf);
  const failure = take(fields, ERROR_KEYS, errorOf);
  const stack = take(fields, STACK_KEYS, textOf) ?? failure?.stack;
  return {
    isJson: true,
    message: message ?? failure?.message ?? '',
    // A message that stands in the stack already is not told twice.
    fields: failure === undefined ? fields : { ...fields, ...failure.facts(message, stack) },
    requestIds,
    ...(atMs === undefined ? {} : { atMs }),
    ...(level === undefined ? {} : { level }),
    ...(stack === undefined ? {} : { stack }),
  };
}

function jsonObject(text: string): Fields | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return undefined;
  try {
    const data: unknown = JSON.parse(trimmed);
    return isFields(data) ? data : undefined;
  } catch {
    return undefined; // Text that happens to stand in braces.
  }
}

const isFields = (data: unknown): data is Fields =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

/** The first key that holds something of this kind; it leaves the fields. */
function take<T>(
  fields: Fields,
  keys: readonly string[],
  read: (value: unknown, key: string) => T | undefined,
): T | undefined {
  for (const key of keys) {
    if (!Object.hasOwn(fields, key)) continue;
    const value = read(fields[key], key);
    if (value === undefined) continue;
    delete fields[key];
    return value;
  }
  return undefined;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, by size; or a date. */
function epochMs(value: unknown): number | undefined {
  if (typeof value === 'number') {
    if (value < 1e8) return undefined;
    if (value < 1e11) return value * 1e3;
    if (value < 1e14) return value;
    return value < 1e17 ? value / 1e3 : value / 1e6;
  }
  if (typeof value !== 'string') return undefined;
  if (/^\d{9,19}(\.\d+)?$/.test(value)) return epochMs(Number(value));
  // Python writes `2026-01-01 12:00:00,123`.
  const atMs = Date.parse(value.replace(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3})$/, '$1.$2'));
  return Number.isNaN(atMs) ? undefined : atMs;
}

interface WrittenError {
  readonly message?: string;
  readonly stack?: string;
  readonly facts: (message: string | undefined, stack: string | undefined) => Fields;
}

function errorOf(value: unknown, key: string): WrittenError | undefined {
  if (typeof value === 'string') {
    if (value.includes('\n')) return { stack: value, facts: () => ({}) };
    return { message: value, facts: (message) => (message === undefined ? {} : { [key]: value }) };
  }
  if (!isFields(value)) return undefined;
  const { stack: written, message: said, type: _type, name: _name, ...rest } = value;
  const stack = textOf(written);
  const message = textOf(said);
  return {
    ...(message === undefined ? {} : { message }),
    ...(stack === undefined ? {} : { stack }),
    facts: (shown, shownStack) => ({
      ...(message === undefined || shown === undefined || shownStack?.includes(message) || shown === message
        ? {}
        : { [key]: message }),
      ...Object.fromEntries(Object.entries(rest).map(([name, fact]) => [`${key}.${name}`, fact])),
    }),
  };
}

function idsIn(fields: Fields, parent = '', depth = 1): string[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const name = key.toLowerCase().replace(/[-_.]/g, '');
    const isId = ID_KEYS.has(name) || (name === 'id' && PARENTS_OF_ID.has(parent));
    if (isId && (typeof value === 'string' || typeof value === 'number')) return [String(value)];
    // https://www.w3.org/TR/trace-context/: version, trace id, parent id, flags
    if (name === 'traceparent' && typeof value === 'string') return value.split('-').slice(1, 2);
    return isFields(value) && depth < ID_DEPTH ? idsIn(value, name, depth + 1) : [];
  });
}
