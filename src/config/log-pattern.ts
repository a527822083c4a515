import { messageOf } from '../errors/index.ts';

export type LogPattern =
  | { readonly text: string }
  | { readonly pattern: string; readonly ignoresCase: boolean };

const FORM = /^\/(?<pattern>.*)\/(?<flags>[a-z]*)$/s;

/** Reads `text`, `/regular expression/` or `/…/i`. Undefined is never returned: what cannot be meant is a `reason`. */
export function readLogPattern(
  written: string,
): LogPattern | { readonly reason: string; readonly hint: string } {
  if (/[\r\n]/.test(written))
    return { reason: 'it has a line break, and a line of output has none', hint: 'write a text of one line' };
  const { pattern, flags = '' } = FORM.exec(written)?.groups ?? {};
  if (pattern === undefined) {
    return written.trim() === ''
      ? { reason: 'it is blank, so any line would do', hint: 'write what the line says' }
      : { text: written };
  }
  if (flags !== '' && flags !== 'i')
    return {
      reason: `there is no flag \`${flags}\` here`,
      hint: 'write /…/, or /…/i where case does not matter',
    };
  try {
    return new RegExp(pattern, flags).test('')
      ? { reason: 'it matches an empty line too, so any line would do', hint: 'write what the line says' }
      : { pattern, ignoresCase: flags === 'i' };
  } catch (error) {
    return {
      reason: messageOf(error).replace(/^Invalid regular expression: /, 'no regular expression: '),
      hint: 'write a text without slashes around it, or correct it',
    };
  }
}
