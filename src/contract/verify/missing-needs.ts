import type { ServiceNames } from '../service.ts';
import type { CallName } from './find-call.ts';
import { hintFor, type RecipeProblems } from './recipe-problems.ts';

/** The services that an example needs and the topology lacks; one that exists nowhere is a mistake. */
export function missingNeeds(
  problems: RecipeProblems,
  { present, all }: ServiceNames,
  { service, operation, example }: CallName,
): readonly string[] {
  const needs = operation.needs.get(example) ?? [];
  for (const { service: name, at } of needs) {
    if (!all.includes(name))
      problems.report(service, at, `there is no service \`${name}\``, hintFor(name, all));
  }
  return needs.map((need) => need.service).filter((name) => !present.includes(name));
}
