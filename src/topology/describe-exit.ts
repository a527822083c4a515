import type { ServiceExit } from '../model/index.ts';

/** `exit code 1`, `signal SIGSEGV`. */
export function describeExit(exit: ServiceExit): string {
  return 'code' in exit ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}
