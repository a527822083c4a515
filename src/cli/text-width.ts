/** What terminals draw two cells wide: East Asian wide and full-width characters, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /[\p{Mark}\u200b-\u200d]/u;

/** Cells that a text takes on a terminal; it must hold no control characters. */
export function textWidth(text: string): number {
  let cells = 0;
  for (const character of text) cells += widthOf(character);
  return cells;
}

const widthOf = (character: string) => {
  if (character < '\u0300') return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
};

/** The text, or as much of its beginning as fits, with an ellipsis. */
export function cutTo(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cells = 1;
  let kept = '';
  for (const character of text) {
    cells += widthOf(character);
    if (cells > width) break;
    kept += character;
  }
  return width < 1 ? '' : `${kept}…`;
}

/** Filled up with blanks, before the text or behind it. */
export function fill(text: string, width: number, side: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - textWidth(text)));
  return side === 'left' ? `${blanks}${text}` : `${text}${blanks}`;
}
