import { join } from 'node:path';
import type { LogLine } from '../model/index.ts';
import type { OutputStream } from './last-lines.ts';

/** Characters of one line that are kept. */
export const MAX_LINE_LENGTH = 16_384;
const STAMP_LENGTH = '2026-01-01T00:00:00.000Z'.length;
const STDERR_MARK = '!';

/** `<stateDir>/logs/<service>.log`; a name cannot lead out of the folder. */
export function logPath(stateDir: string, service: string): string {
  return join(stateDir, 'logs', `${encodeURIComponent(service)}.log`);
}

/**
 * Lines as they stand in a log file: when they were received (ISO 8601, UTC), a blank for stdout or `!` for stderr, the
 * text. Each with its end.
 */
export function formatLogLines(atMs: number, stream: OutputStream, texts: readonly string[]): string[] {
  const stamp = `${new Date(atMs).toISOString()}${stream === 'stderr' ? STDERR_MARK : ' '}`;
  return texts.map((text) => `${stamp}${text}\n`);
}

/** The reverse of {@link formatLogLines}, for one line without its end; undefined for a line of another make. */
export function parseLogLine(line: string): (LogLine & { readonly stream: OutputStream }) | undefined {
  const atMs = Date.parse(line.slice(0, STAMP_LENGTH));
  if (Number.isNaN(atMs)) return undefined;
  const stream = line[STAMP_LENGTH] === STDERR_MARK ? 'stderr' : 'stdout';
  return { atMs, text: line.slice(STAMP_LENGTH + 1), stream };
}
