import type { ServiceExit } from '../model/index.ts';

/** `exit code 1`, `signal SIGSEGV`, or why neither is known. */
export function describeExit(exit: ServiceExit): string {
  if ('unknown' in exit) return 'it was adopted: its exit code is not known';
  return 'code' in exit ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}
