import type { Finding } from '../../model/index.ts';
import {
  type Assignment,
  type Authorization,
  type DocumentedResponse,
  ENVIRONMENT,
  type Operation,
  type Precondition,
} from '../openapi/contract.ts';
import type { LoadedContract, ServiceNames } from '../service.ts';
import { authorizationOf } from './authorization.ts';
import { exampleNames, exampleRequest, type RequestParts } from './example-request.ts';
import { expectedAnswer } from './expected-answer.ts';
import { type CallName, checkBindings, checkExampleNames, findCall } from './find-call.ts';
import { missingNeeds } from './missing-needs.ts';
import { createRecipeProblems, type RecipeProblems } from './recipe-problems.ts';

/** One example of one operation, with everything that has to be known to call it. */
export interface PlannedCall {
  readonly service: LoadedContract;
  readonly operation: Operation;
  readonly example: string;
  readonly parts: RequestParts;
  readonly given: readonly PlannedPrecondition[];
  readonly set: readonly Assignment[];
  readonly expected?: DocumentedResponse;
  /** Services that it (or a call before it) needs and that are no part of the topology; it is then left out. */
  readonly missing: readonly string[];
  /** Why the call proves nothing; it is then not made. */
  readonly obstacle?: Finding;
}

interface PlannedPrecondition {
  readonly call: PlannedCall;
  readonly as?: string;
  readonly set: readonly Assignment[];
}

/** Where planning stands: what is planned, and the chain of calls that leads to the present one. */
interface Planning {
  readonly services: readonly LoadedContract[];
  readonly names: ServiceNames;
  readonly planned: Map<string, PlannedCall>;
  readonly chain: readonly string[];
  readonly problems: RecipeProblems;
}

/**
 * Plans a call for every example of every operation of `verified`, in the documents' order.
 *
 * @param services all whose operations may be called before others
 * @param names what `x-needs` may ask for
 * @throws ShopctlError `contract-invalid` for a recipe that names something unknown or goes round in a circle
 */
export function planCalls(
  services: readonly LoadedContract[],
  verified: readonly LoadedContract[],
  names: ServiceNames,
): readonly PlannedCall[] {
  const problems = createRecipeProblems();
  const planning: Planning = { services, names, planned: new Map(), chain: [], problems };
  const calls = verified.flatMap((service) =>
    service.contract.operations.flatMap((operation) => {
      checkExampleNames(planning.problems, service, operation);
      return exampleNames(operation).map((example) => planCall(planning, { service, operation, example }));
    }),
  );
  planning.problems.throwIfAny();
  return calls;
}

function planCall(planning: Planning, name: CallName): PlannedCall {
  const key = titleOf(name);
  const planned = planning.planned.get(key);
  if (planned !== undefined) return planned;
  const { service, operation, example } = name;
  const lacking = missingNeeds(planning.problems, planning.names, name);
  if (lacking.length > 0) return leftOut(name, lacking);
  const inner: Planning = { ...planning, chain: [...planning.chain, key] };
  const authorization = authorizationOf(planning.services, name);
  const own = operation.given.get(example) ?? [];
  const ownSet = operation.set.get(example) ?? [];
  refuseTakenNames(inner.problems, service, authorization, own);
  const given = [...planSteps(inner, service, authorization.given), ...planSteps(inner, service, own)];
  checkBindings(inner.problems, service, {
    assignments: authorization.set,
    known: namesOf(authorization.given),
  });
  checkBindings(inner.problems, service, { assignments: ownSet, known: namesOf(own) });
  const set = [...authorization.set, ...ownSet];
  const missing = [...new Set(given.flatMap((step) => step.call.missing))];
  const call = { ...name, given, set, missing, ...requestAndAnswer(name, set) };
  planning.planned.set(key, call);
  return call;
}

/** What it needs is not there, so what it says of other services is not looked at. */
function leftOut(name: CallName, missing: readonly string[]): PlannedCall {
  const nothing = new Map<string, unknown>();
  const parts = { path: nothing, query: nothing, header: nothing, cookie: nothing };
  return { ...name, parts, given: [], set: [], missing };
}

function planSteps(
  planning: Planning,
  service: LoadedContract,
  steps: readonly Precondition[],
): PlannedPrecondition[] {
  return steps.flatMap((step, index) => {
    const known = namesOf(steps.slice(0, index));
    if (step.as === ENVIRONMENT) {
      const message = `\`${ENVIRONMENT}\` is the name of the variables of the service`;
      planning.problems.report(service, [...step.at, 'as'], message, 'choose another name');
    }
    checkBindings(planning.problems, service, { assignments: step.set, known });
    const call = planPrecondition(planning, service, step);
    return call === undefined
      ? []
      : [{ call, set: step.set, ...(step.as === undefined ? {} : { as: step.as }) }];
  });
}

/** A name that both use would give the call the wrong answer to say who asks with. */
function refuseTakenNames(
  problems: RecipeProblems,
  service: LoadedContract,
  { given }: Authorization,
  own: readonly Precondition[],
): void {
  const taken = namesOf(given);
  for (const { as, at } of own) {
    if (as === undefined || !taken.includes(as)) continue;
    problems.report(service, [...at, 'as'], `\`${as}\` is a name of x-authorize`, 'choose another name');
  }
}

const namesOf = (steps: readonly Precondition[]) => steps.flatMap(({ as }) => as ?? []);

function requestAndAnswer(
  { service, operation, example }: CallName,
  set: readonly Assignment[],
): Pick<PlannedCall, 'parts' | 'expected' | 'obstacle'> {
  const subject = `${service.name}#${operation.id}`;
  const { parts, missing } = exampleRequest(
    operation,
    example,
    set.map(({ target }) => target),
  );
  if (missing.length > 0) {
    const message = `nothing was proved: there is no example \`${example}\` of ${missing.join(' and ')}`;
    return { parts, obstacle: { rule: 'no-example', message, subject } };
  }
  const answer = expectedAnswer(operation, example);
  if (answer.kind === 'documented') return { parts, expected: answer.response };
  const message =
    answer.kind === 'none'
      ? `no answer documents an example named \`${example}\`, so none can be expected`
      : `the example \`${example}\` is documented for the statuses ${answer.statuses.join(' and ')}; one can be expected`;
  return { parts, obstacle: { rule: 'example-without-answer', message, subject } };
}

function planPrecondition(
  planning: Planning,
  owner: LoadedContract,
  step: Precondition,
): PlannedCall | undefined {
  const name = findCall(planning.problems, planning.services, { owner, step });
  if (name === undefined) return undefined;
  const key = titleOf(name);
  if (planning.chain.includes(key)) {
    const circle = [...planning.chain.slice(planning.chain.indexOf(key)), key].join(' → ');
    planning.problems.report(owner, step.at, `this call waits for itself: ${circle}`);
    return undefined;
  }
  const call = planCall(planning, name);
  if (call.obstacle === undefined) return call;
  const message = `the example \`${step.example}\` of \`${step.operation}\` cannot be called: ${call.obstacle.message}`;
  planning.problems.report(owner, [...step.at, 'example'], message);
  return undefined;
}

const titleOf = ({ service, operation, example }: CallName) => `${service.name}#${operation.id} (${example})`;
