import type { Path } from '../../source/index.ts';
import {
  type Assignment,
  type AssignmentValue,
  type BindingReference,
  ENVIRONMENT,
  type Operation,
  type Precondition,
} from '../openapi/contract.ts';
import type { LoadedContract } from '../service.ts';
import { exampleNames, recipeNames } from './example-request.ts';
import { hintFor, type RecipeProblems } from './recipe-problems.ts';

export interface CallName {
  readonly service: LoadedContract;
  readonly operation: Operation;
  readonly example: string;
}

/** The call that an entry of `x-given` means; undefined, with a problem reported, when there is no such call. */
export function findCall(
  problems: RecipeProblems,
  services: readonly LoadedContract[],
  { owner, step }: { readonly owner: LoadedContract; readonly step: Precondition },
): CallName | undefined {
  const unknown = (what: string, word: string, known: readonly string[]) => {
    const at = [...step.at, what === 'example' ? 'example' : 'operation'];
    problems.report(owner, at, `there is no ${what} \`${word}\``, hintFor(word, known));
    return undefined;
  };
  const wanted = step.service ?? owner.name;
  const service = services.find(({ name }) => name === wanted);
  if (service === undefined) return unknown('service with a contract', wanted, services.map(nameOf));
  const { operations } = service.contract;
  const operation = operations.find(({ id }) => id === step.operation);
  if (operation === undefined) return unknown('operation', step.operation, operations.map(idOf));
  const examples = exampleNames(operation);
  if (!examples.includes(step.example)) return unknown('example', step.example, examples);
  return { service, operation, example: step.example };
}

/** Reports entries of `x-given` and `x-set` for examples that the operation does not have. */
export function checkExampleNames(
  problems: RecipeProblems,
  service: LoadedContract,
  operation: Operation,
): void {
  const known = exampleNames(operation);
  for (const name of new Set(recipeNames(operation))) {
    if (known.includes(name)) continue;
    const key = keyOf(operation, name);
    const message = `${operation.id} has no example \`${name}\``;
    problems.report(service, [...operation.at, key, name], message, hintFor(name, known));
  }
}

function keyOf({ given, needs, set }: Operation, example: string): string {
  if (given.has(example)) return 'x-given';
  if (needs.has(example)) return 'x-needs';
  return set.has(example) ? 'x-set' : 'x-authorize';
}

/** Reports values that are taken from an answer which no earlier call has bound. */
export function checkBindings(
  problems: RecipeProblems,
  service: LoadedContract,
  { assignments, known }: { readonly assignments: readonly Assignment[]; readonly known: readonly string[] },
): void {
  for (const { value, at } of assignments) {
    for (const { name, steps } of bindingsIn(value)) {
      if (name === ENVIRONMENT) checkVariable(problems, service, { variable: steps.join('.'), at });
      if (name === ENVIRONMENT || known.includes(name)) continue;
      const hint = known.length === 0 ? 'name an earlier call with `as`' : hintFor(name, known);
      problems.report(service, at, `no earlier call of this example is called \`${name}\``, hint);
    }
  }
}

function checkVariable(
  problems: RecipeProblems,
  service: LoadedContract,
  { variable, at }: { readonly variable: string; readonly at: Path },
): void {
  if (service.env?.[variable] !== undefined) return;
  const hint = `set it, or give it a value under \`env\` of ${service.name} in the configuration`;
  problems.report(service, at, `${service.name} has no variable \`${variable}\``, hint);
}

function bindingsIn(value: AssignmentValue): readonly BindingReference[] {
  if (value.kind === 'binding') return [value];
  if (value.kind !== 'text') return [];
  return value.parts.flatMap((part) => (typeof part === 'string' ? [] : part));
}

const nameOf = ({ name }: { readonly name: string }) => name;
const idOf = ({ id }: { readonly id: string }) => id;
