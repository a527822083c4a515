import { ShopctlError } from '../errors/index.ts';
import { safeText } from '../lib/safe-text.ts';

/** The same error with the evidence below it. */
export function withLastLines(error: ShopctlError, lastLines: readonly string[]): ShopctlError {
  const { code, message, problems, hint, cause } = error;
  if (lastLines.length === 0) return error;
  const count = lastLines.length === 1 ? 'line' : `${lastLines.length} lines`;
  const detail = `its last ${count}:\n${lastLines.map((line) => safeText(line, false)).join('\n')}`;
  return new ShopctlError(code, {
    message,
    problems,
    detail,
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}
