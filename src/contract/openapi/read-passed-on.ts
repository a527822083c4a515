import { compileSchema } from '../../lib/json-schema.ts';
import type { PassedOn, PassedRoute } from './contract.ts';
import { compilePath } from './path-template.ts';
import { readResponses } from './read-operations.ts';
import { readShape } from './read-shape.ts';
import type { Reader } from './reader.ts';

interface RawRoute {
  readonly path: string;
  readonly service: string;
  readonly as?: string;
}

const path = { type: 'string', pattern: '^/', description: 'a path that begins with /' } as const;

const routesCheck = compileSchema<readonly RawRoute[]>({
  type: 'array',
  description: 'a list of routes',
  items: {
    type: 'object',
    required: ['path', 'service'],
    additionalProperties: false,
    description: 'a route: `path`, `service` and perhaps `as`',
    properties: { path, service: { type: 'string', description: 'the name of a service' }, as: path },
  },
});

/**
 * `x-passed-on` of a document: the paths that the service sends on to others, and the answers of its own that may
 * come on any of them.
 */
export function readPassedOn(reader: Reader): PassedOn {
  const at = ['x-passed-on'];
  const raw = readShape(reader, [...at, 'routes'], routesCheck) ?? [];
  const routes = raw.map((route): PassedRoute => {
    const template = compilePath(route.path.replace(/\/$/, ''));
    return { template, service: route.service, ...(route.as === undefined ? {} : { as: route.as }) };
  });
  return { routes, responses: readResponses(reader, at) };
}
