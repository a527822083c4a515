import type { Place } from '../lib/place.ts';

const CONTEXT_LINES = 2;
const MAX_LINE_LENGTH = 160;
const CONTEXT_COLUMNS = 40;

/** The lines around `place` with numbers, and a caret line below the one that is meant. */
export function codeFrame(text: string, place: Place): string {
  const lines = text.split(/\r?\n/);
  const first = Math.max(1, place.line - CONTEXT_LINES);
  const last = Math.min(lines.length, place.line + CONTEXT_LINES);
  const gutter = String(last).length;
  const frame: string[] = [];
  for (let number = first; number <= last; number += 1) {
    const line = (lines[number - 1] ?? '').replaceAll('\t', ' ');
    const label = String(number).padStart(gutter);
    if (number !== place.line) frame.push(`  ${label} | ${shorten(line)}`.trimEnd());
    else frame.push(...meantLines(line, place, label));
  }
  return frame.join('\n');
}

/** The line and its carets; of a line that is long before it comes to the point, what is around the point. */
function meantLines(line: string, place: Place, number: string): string[] {
  const cut = place.column > MAX_LINE_LENGTH - CONTEXT_COLUMNS ? place.column - CONTEXT_COLUMNS : 0;
  const shown = cut === 0 ? line : `…${line.slice(cut)}`;
  const column = cut === 0 ? place.column : place.column - cut + 1;
  const room = Math.max(1, Math.min(shown.length, MAX_LINE_LENGTH) - column + 1);
  const carets = '^'.repeat(Math.max(1, Math.min(place.length, room)));
  return [
    `> ${number} | ${shorten(shown)}`.trimEnd(),
    `  ${' '.repeat(number.length)} | ${' '.repeat(column - 1)}${carets}`,
  ];
}

function shorten(line: string): string {
  return line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)}…` : line;
}
