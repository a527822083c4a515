import { stripVTControlCharacters } from 'node:util';
import { createContext, Script } from 'node:vm';
import type { Probe } from '../../config/probe-spec.ts';
import type { LogLine } from '../../model/index.ts';

type LogProbe = Probe<'log'>;

/** Looks for one line in what a service writes from its start on. Only whole lines are handed to it. */
export interface OutputWatch {
  take(lines: readonly LogLine[]): void;
  /** `given-up`: the pattern takes too long to be tried on every line. */
  readonly state: 'waiting' | 'seen' | 'given-up';
}

/** A regular expression that backtracks for longer than this on one line, as `(a+)+$` does, is given up. */
const LIMIT_MS = 250;

export function watchOutput(probe: LogProbe): OutputWatch {
  const search = searchFor(probe);
  let state: OutputWatch['state'] = 'waiting';
  return {
    take: (lines) => {
      for (const { text } of lines) {
        if (state !== 'waiting') return;
        state = search(stripVTControlCharacters(text));
      }
    },
    get state() {
      return state;
    },
  };
}

function searchFor(probe: LogProbe): (line: string) => OutputWatch['state'] {
  if ('text' in probe) return (line) => (line.includes(probe.text) ? 'seen' : 'waiting');
  const { pattern, ignoresCase } = probe;
  const script = new Script('expression.test(line)');
  const expression = new RegExp(pattern, ignoresCase ? 'i' : '');
  const sandbox = createContext({ expression, line: '' });
  return (line) => {
    sandbox['line'] = line;
    try {
      return script.runInContext(sandbox, { timeout: LIMIT_MS }) === true ? 'seen' : 'waiting';
    } catch (error) {
      if (isTimeout(error)) return 'given-up';
      throw error;
    }
  };
}

const isTimeout = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
