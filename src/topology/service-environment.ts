import type { ServiceSpec } from '../config/project.ts';
import { markedEnvironment } from './run-mark.ts';

/** The environment of a service's process, and of whatever is started on its behalf. */
export function serviceEnvironment(spec: ServiceSpec, run: string): NodeJS.ProcessEnv {
  const mark = markedEnvironment(run, process.env);
  const facts = spec.kind === 'own' ? spec : spec.adopted;
  if (facts === undefined) return { ...process.env, ...mark };
  const port = facts.port === undefined ? {} : { PORT: String(facts.port) };
  return { ...process.env, ...facts.env, ...port, ...mark };
}
