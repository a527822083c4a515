import { formatDuration } from '../lib/duration.ts';
import type { Exchange } from '../model/index.ts';
import { printable } from './pretty/style.ts';

const MAX_LINES = 24;
const MAX_WIDTH = 200;

/**
 * A request and its answer for people. Of the headers only the media types are shown, so that no credential is printed;
 * bodies are cut.
 */
export function exchangeLines({ request, response, failure, durationMs }: Exchange): string[] {
  const answer =
    response === undefined
      ? [`answer   none: ${failure.message}`]
      : [
          `answer   ${response.status}${mediaType(response.headers)}, ${formatDuration(durationMs)}`,
          ...bodyLines(response.text),
        ];
  return [
    `request  ${request.method} ${request.url}${mediaType(request.headers)}`,
    ...bodyLines(request.body ?? ''),
    ...answer,
  ];
}

function mediaType(headers: Readonly<Record<string, string>>): string {
  const type = headers['content-type'];
  return type === undefined ? '' : ` ${type}`;
}

function bodyLines(text: string): string[] {
  if (text === '') return [];
  const lines = printable(indented(text)).split('\n');
  const shown = lines
    .slice(0, MAX_LINES)
    .map((line) => (line.length > MAX_WIDTH ? `${line.slice(0, MAX_WIDTH)}…` : line));
  const hidden = lines.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`… ${hidden} more lines`] : [])].map((line) => `  ${line}`);
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // Not JSON: shown as it came.
  }
}
