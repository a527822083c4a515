import { stripVTControlCharacters } from 'node:util';
import { textWidth } from '../text-width.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Terminals that know them show what lies between at once; the others ignore them. */
const SYNC = { begin: '\u001b[?2026h', end: '\u001b[?2026l' };
const TO_END_OF_LINE = '\u001b[K';
const TO_END_OF_SCREEN = '\u001b[J';

/**
 * Knows what stands at the bottom of the terminal, and makes the one text that brings log lines above it and the next
 * frame in its place. The cursor rests behind the last line of the frame.
 */
export class Painter {
  /** The lines that stand there; empty: nothing does. */
  #painted: readonly string[] = [];

  /** Empty where nothing has changed. */
  next(logs: string, lines: readonly string[], width: number): string {
    if (logs === '' && lines.join('\n') === this.#painted.join('\n')) return '';
    const start = this.#toFirstLine(width);
    this.#painted = lines;
    // Log lines may be broken by the terminal: what stood below them is cleared first.
    const text =
      logs === ''
        ? `${lines.map((line) => `${line}${TO_END_OF_LINE}`).join('\n')}${TO_END_OF_SCREEN}`
        : `${TO_END_OF_SCREEN}${logs}${lines.join('\n')}`;
    return `${SYNC.begin}${HIDE_CURSOR}${start}${text}${SYNC.end}`;
  }

  /** Takes the frame away, and shows the cursor where it began. */
  clear(width: number): string {
    if (this.#painted.length === 0) return '';
    const start = this.#toFirstLine(width);
    this.#painted = [];
    return `${start}${TO_END_OF_SCREEN}${SHOW_CURSOR}`;
  }

  /** The terminal has another width: it may have broken our lines, so all of it is cleared and painted anew. */
  resized(width: number): string {
    const start = this.#toFirstLine(width);
    this.#painted = [];
    return `${start}${TO_END_OF_SCREEN}`;
  }

  #toFirstLine(width: number): string {
    const rows = this.#painted.reduce((sum, line) => sum + rowsOf(line, width), 0);
    return rows > 1 ? `\r\u001b[${rows - 1}A` : '\r';
  }
}

const rowsOf = (line: string, width: number) =>
  Math.max(1, Math.ceil(textWidth(stripVTControlCharacters(line)) / Math.max(1, width)));
