import type { ServiceSpec } from '../config/project.ts';
import { type Problem, ShopctlError } from '../errors/index.ts';
import { ANSWER_NAMES, probeEvaluator } from './probes/http-body.ts';
import { listed } from './probes/index.ts';

/**
 * Checks what probes say about bodies. Not when the configuration is read: most commands need no expressions, which
 * take long to load.
 * @throws ShopctlError `config-invalid` with every mistake and its place
 */
export async function checkExpressions(services: readonly ServiceSpec[]): Promise<void> {
  const expressions = services
    .flatMap(({ ready, live }) => [...listed(ready.probe), ...(live === undefined ? [] : listed(live.probe))])
    .flatMap((probe) => (probe.kind === 'http' && probe.body !== undefined ? [probe.body] : []));
  if (expressions.length === 0) return;
  const evaluator = await probeEvaluator();
  // What `ready` asks is asked again and again as `live`, and wrong only once.
  const seen = new Map(expressions.map((expression) => [JSON.stringify(expression.place), expression]));
  const problems = [...seen.values()].flatMap(({ source, place, frame }): Problem[] => {
    const mistake = evaluator.check(source, ANSWER_NAMES);
    if (mistake !== undefined) {
      const hint = mistake.hint === undefined ? {} : { hint: mistake.hint };
      return [{ message: `\`${source}\`: ${mistake.message}`, place, frame, ...hint }];
    }
    const mentioned = evaluator.identifiers(source);
    if (ANSWER_NAMES.some((name) => mentioned.has(name))) return [];
    const message = `\`${source}\` says nothing of the answer`;
    return [{ message, place, frame, hint: 'an expression about body, status or headers' }];
  });
  if (problems.length === 0) return;
  const file = problems[0]?.place?.file ?? 'the configuration';
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  throw new ShopctlError('config-invalid', { message: `${file} has ${count}`, problems });
}
