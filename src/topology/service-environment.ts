import type { ServiceSpec } from '../config/project.ts';
import { markedEnvironment } from './run-mark.ts';

/** The environment of a service's process, and of whatever is started on its behalf. */
export function serviceEnvironment(spec: ServiceSpec, run: string): NodeJS.ProcessEnv {
  const mark = markedEnvironment(run, process.env);
  if (spec.kind === 'foreign') return { ...process.env, ...mark };
  const port = spec.port === undefined ? {} : { PORT: String(spec.port) };
  return { ...process.env, ...spec.env, ...port, ...mark };
}
