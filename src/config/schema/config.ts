import type { JsonSchema } from '../../lib/json-schema.ts';
import { broker } from './broker.ts';
import { loadProfile } from './load.ts';
import { logs } from './logs.ts';
import { service } from './service.ts';
import { suites, topology } from './topology.ts';
import { NAME_PATTERN, named, text } from './words.ts';

/** JSON Schema (draft 2020-12) of `e2e.config.yaml`. */
export const configSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'shopctl configuration',
  description: 'a mapping with `services:`',
  type: 'object',
  additionalProperties: false,
  required: ['services'],
  properties: {
    name: {
      type: 'string',
      pattern: NAME_PATTERN,
      description: 'a name of small letters, digits and dashes',
    },
    broker,
    services: { ...named(service), minProperties: 1 },
    topology: { ...text, description: 'the name of the topology used when --topology is not given' },
    topologies: named(topology),
    suites,
    load: named(loadProfile),
    logs,
  },
} as const satisfies JsonSchema;
