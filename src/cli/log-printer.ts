import { Chalk } from 'chalk';
import { safeText } from '../lib/safe-text.ts';
import type { LogLine } from '../model/index.ts';
import { parseEntry } from '../topology/index.ts';
import { entryWords } from './entry-words.ts';

export { writeAll } from './write-all.ts';

const COLORS = [
  'cyan',
  'yellow',
  'green',
  'magenta',
  'blue',
  'cyanBright',
  'yellowBright',
  'greenBright',
] as const;

export interface LogStyle {
  readonly color: boolean;
  /** The lines and nothing else. */
  readonly raw?: boolean;
  /** What is printed goes to a terminal, which a service must not drive. */
  readonly isTerminal?: boolean;
}

/**
 * Writes log lines with the service's name in front, each service in its colour, and those of structured logs for people.
 * Raw lines go to a pipe as they were written, to a terminal without what would drive it.
 */
export function logPrinter(services: readonly string[], { color, raw, isTerminal }: LogStyle) {
  if (raw === true) {
    const shown = isTerminal === true ? (text: string) => safeText(text, color) : (text: string) => text;
    return (_service: string, { text }: LogLine) => `${shown(text)}\n`;
  }
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const width = Math.max(0, ...services.map((name) => name.length));
  const prefixes = new Map<string, string>();
  const prefixOf = (service: string) => {
    const known = prefixes.get(service);
    if (known !== undefined) return known;
    const paint = chalk[COLORS[prefixes.size % COLORS.length] ?? 'cyan'];
    const prefix = paint(`${service.padEnd(width)} |`);
    prefixes.set(service, prefix);
    return prefix;
  };
  for (const name of services) prefixOf(name);
  return (service: string, { text, atMs }: LogLine) => {
    const prefix = prefixOf(service);
    const entry = isLikelyJson(text) ? parseEntry(text) : undefined;
    const lines =
      entry?.isJson === true
        ? entryWords(entry, { service, atMs, nowMs: Date.now(), chalk })
        : [safeText(text, color)];
    return lines.map((line) => `${prefix} ${line}\n`).join('');
  };
}

const isLikelyJson = (text: string) => text.trimStart().startsWith('{');
