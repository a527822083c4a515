import { join } from 'node:path';
import type { LogLine } from '../model/index.ts';

/** Characters of one line that are kept. */
export const MAX_LINE_LENGTH = 16_384;
const STAMP_LENGTH = '2026-01-01T00:00:00.000Z'.length;

/** `<stateDir>/logs/<service>.log`; a name cannot lead out of the folder. */
export function logPath(stateDir: string, service: string): string {
  return join(stateDir, 'logs', `${encodeURIComponent(service)}.log`);
}

/** A line as it stands in a log file: when it was received (ISO 8601, UTC), a blank, the text. */
export function formatLogLine({ atMs, text }: LogLine): string {
  return `${new Date(atMs).toISOString()} ${text}\n`;
}

/** The reverse of {@link formatLogLine}; undefined for a line of another make. */
export function parseLogLine(line: string): LogLine | undefined {
  const atMs = Date.parse(line.slice(0, STAMP_LENGTH));
  return Number.isNaN(atMs) ? undefined : { atMs, text: line.slice(STAMP_LENGTH + 1) };
}
