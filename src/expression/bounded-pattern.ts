import { createContext, Script } from 'node:vm';
import { messageOf } from '../errors/index.ts';

/** A regular expression that backtracks for longer than this counts as not matching. */
const LIMIT_MS = 250;

export type BoundedPattern =
  | { readonly ok: true; readonly test: (text: string) => boolean }
  | { readonly ok: false; readonly reason: string };

const search = new Script('new RegExp(pattern, "u").test(text)');

/**
 * A regular expression (ECMAScript, unicode mode) whose search is cut off: a pattern such as `(a+)+$` takes time
 * exponential in the text. V8 checks for the end of the time slice while it backtracks, so `vm` can stop it.
 */
export function boundedPattern(pattern: string): BoundedPattern {
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
  return {
    ok: true,
    test: (text) => {
      try {
        const found: unknown = search.runInContext(createContext({ pattern, text }), { timeout: LIMIT_MS });
        return found === true;
      } catch (error) {
        if (isTimeout(error)) return false;
        throw error;
      }
    },
  };
}

const isTimeout = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
