import { Problem } from '../problem.ts';

/** What kind of error it is, as `error.type` tells it. Never its message, which may repeat what was asked or stored. */
export function reasonCode(error: unknown): string {
  if (error instanceof Problem) return error.facts.kind;
  if (!(error instanceof Error)) return 'unknown';
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : error.name.slice(0, 64);
}
