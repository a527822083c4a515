import { stripVTControlCharacters } from 'node:util';

/** A line without escape sequences, as a reader sees it. */
export function plainText(text: string): string {
  return text.includes('\u001b') ? stripVTControlCharacters(text) : text;
}
