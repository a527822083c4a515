import type { Check, Diagnosis } from '../diagnosis.ts';
import { findProgram } from '../find-program.ts';

/** Used where they are, needed nowhere. */
const TOOLS = [
  ['Chromium', ['chromium', 'chromium-browser', 'google-chrome', 'chrome']],
  ['Prometheus', ['prometheus']],
] as const;

export const tools: Check = {
  name: 'optional',
  look: async ({ env }) => [
    judgeTools(TOOLS.map(([name, programs]) => ({ name, path: findProgram(programs, env) }))),
  ],
};

export interface Tool {
  readonly name: string;
  readonly path: string | undefined;
}

export function judgeTools(found: readonly Tool[]): Diagnosis {
  const words = found.map(({ name, path }) => (path === undefined ? `no ${name}` : `${name} (${path})`));
  return { level: 'ok', message: `${words.join(', ')}; nothing needs ${found.length === 1 ? 'it' : 'them'}` };
}
