const ESC = '\\u001b';
const SGR = `${ESC}\\[[0-9;:]*m`;
/** Control sequences (ECMA-48), strings such as window titles up to their end, and what is left of either. */
const SEQUENCE = [
  `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*[@-~]?`,
  `${ESC}[\\]PX^_][^\\u0007\\u001b]*(?:\\u0007|${ESC}\\\\)?`,
  `${ESC}[ -/]*[0-~]?`,
].join('|');
/** All but the tab; with them the marks that turn the direction of writing. */
const CONTROL = '[\\u0000-\\u0008\\u000a-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]';
const UNSAFE = new RegExp(`(${SGR})|${SEQUENCE}|${CONTROL}`, 'g');
const HAS_UNSAFE = new RegExp(CONTROL);
const RESET = '\u001b[0m';

/**
 * A line that cannot drive a terminal: neither move the cursor, nor set the title, nor hide what stands before it. With
 * colours, those of the line stay and end with it.
 */
export function safeText(text: string, color: boolean): string {
  if (!HAS_UNSAFE.test(text)) return text;
  let hasColor = false;
  const safe = text.replace(UNSAFE, (_found, sgr: string | undefined) => {
    if (sgr === undefined || !color) return '';
    hasColor = true;
    return sgr;
  });
  return hasColor ? `${safe}${RESET}` : safe;
}
