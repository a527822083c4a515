import { EXIT, type ExitCode, ShopctlError } from '../errors/index.ts';
import { errorOfTold, type RunEnd, type ServiceStatus } from '../topology/index.ts';

/** When the last process has ended by itself. @throws ShopctlError `service-failed` unless all were jobs that are done */
export function codeOfEnd(services: readonly ServiceStatus[]): ExitCode {
  if (services.every(({ state, kind }) => state === 'completed' || kind === 'foreign')) return EXIT.ok;
  throw new ShopctlError('service-failed', {
    message: 'every service has ended by itself; nothing runs any more',
    hint: '`shopctl logs` has what they wrote',
  });
}

/** Why a run that was joined never became ready. */
export function errorOfEnd(end: RunEnd): ShopctlError {
  if (end.how === 'failed' && end.error.code !== 'interrupted') return errorOfTold(end.error);
  return new ShopctlError('not-running', { message: 'the run was stopped before all were ready' });
}
