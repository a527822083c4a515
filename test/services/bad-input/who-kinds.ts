import type { PlannedCall } from '../../../src/contract/verify/plan.ts';
import type { BadCase, Kind } from './case.ts';
import type { Described } from './described.ts';
import { as, withBody, withMember, withParameter } from './drafts.ts';
import { sampleOf } from './sample.ts';
import { fieldsOf } from './schemas.ts';
import { badServices, badTokens } from './tokens.ts';

/** Who asks, and for what that is not there or not theirs. */
export const whoKinds: readonly Kind[] = [
  { title: 'whoever has no token, or one that does not count', casesOf: unauthenticated, isAtGateway: true },
  { title: 'whoever has too low a role', casesOf: unprivileged },
  { title: 'another customer', casesOf: foreign },
  { title: 'ids that nothing has', casesOf: absent },
];

function unauthenticated({ access: { scheme, isOptional } }: Described): BadCase[] {
  if (scheme === undefined) return [];
  return (scheme === 'basic' ? badServices : badTokens)
    .filter((what) => !isOptional || what !== 'nothing')
    .map((what) => ({
      what,
      statuses: [401],
      change: (draft, { bad }) => as(draft, bad.get(what)),
    }));
}

function unprivileged({ access: { scheme, roles } }: Described): BadCase[] {
  if (roles.length === 0) return [];
  if (scheme === 'basic') {
    const change: BadCase['change'] = (draft, people) => as(draft, people.asService('orders'));
    return [{ what: 'another service', statuses: [403], change }];
  }
  const people: readonly ['customer' | 'support', 'stranger' | 'support'][] = [
    ['customer', 'stranger'],
    ['support', 'support'],
  ];
  return people
    .filter(([role]) => !roles.includes(role))
    .map(([role, who]) => ({
      what: role,
      statuses: [403],
      change: (draft, known) => as(draft, known[who]),
    }));
}

/** What belongs to somebody, in the words of paths and members. */
const belongings = ['user', 'order', 'payment', 'cart', 'session'];

/** `order_id` is the id of an order, and so is the `id` of `/orders/{id}`. */
function isOwned(name: string, path: string): boolean {
  const segments = path.split('/');
  const noun = name === 'id' ? segments[segments.indexOf('{id}') - 1] : /^(\w+)_id$/.exec(name)?.[1];
  return belongings.includes((noun ?? '').replace(/s$/, ''));
}

/** What alice (user 1) or somebody new may, asked by bob (user 2). */
function foreign(described: Described): BadCase[] {
  const { access, successes, documents } = described;
  if (access.scheme !== 'bearer' || access.roles.length > 0 || !documents(403)) return [];
  const statuses = [403, 404];
  const change: BadCase['change'] = (draft, { stranger }) => as(draft, stranger);
  const examples = successes
    .filter((call) => namesOwned(described, call))
    .map((from) => ({ what: `example ${from.example}`, statuses, from, change }));
  return [...examples, ...naming(described)];
}

function namesOwned({ operation }: Described, { parts, set }: PlannedCall): boolean {
  const { path } = operation.template;
  const body = parts.body?.value;
  const inBody = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  const setNames = set.map(({ target }) => (target.in === 'body' ? target.steps.at(-1) : target.name));
  const names = [...parts.path.keys(), ...parts.query.keys(), ...inBody, ...setNames];
  return names.some((name) => isOwned(String(name), path));
}

/** The same operation with alice named as the user, wherever one can be named. */
function naming({ body, parameters }: Described): BadCase[] {
  const statuses = [403, 404];
  const members = fieldsOf(body?.schema ?? {}).filter(({ steps }) => steps.join('/') === 'user_id');
  // A query beside a body would name somebody twice.
  const queries = body === undefined ? parameters.filter(({ in: place }) => place === 'query') : [];
  return [
    ...members.map(({ steps }): BadCase => {
      const change: BadCase['change'] = (draft, { stranger }) =>
        as(withMember(withBody(draft, body?.having(draft.parts.body?.value, steps)), steps, '1'), stranger);
      return { what: '#/user_id of alice', statuses, change };
    }),
    ...queries
      .filter(({ name }) => name === 'user_id')
      .map((parameter): BadCase => {
        const change: BadCase['change'] = (draft, { stranger }) =>
          as(
            withParameter({ ...draft, parts: { ...draft.parts, query: new Map() } }, parameter, '1'),
            stranger,
          );
        return { what: 'query/user_id of alice', statuses, change };
      }),
  ];
}

function absent({ parameters, documents }: Described): BadCase[] {
  if (!documents(404)) return [];
  return parameters
    .filter((parameter) => parameter.in === 'path')
    .map((parameter) => ({
      what: `path/${parameter.name}`,
      statuses: [404],
      // Numbers are given from below, so that nothing has the largest one.
      change: (draft) =>
        withParameter(draft, parameter, parameter.schema['maximum'] ?? sampleOf(parameter.schema)),
    }));
}
