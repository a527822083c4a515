import { service } from './service.ts';
import { listOf, named, text } from './words.ts';

export const suites = {
  type: 'object',
  additionalProperties: false,
  properties: {
    e2e: {
      description: 'a glob of suite files, or a list of globs',
      anyOf: [text, listOf(text, 'a list of globs')],
    },
  },
  description: 'a mapping such as { e2e: suites/**/*.yaml }',
};

export const topology = {
  type: 'object',
  additionalProperties: false,
  properties: {
    services: listOf(text, 'a list of service names'),
    override: { ...named(service), description: 'a mapping from service names to what differs' },
    suites,
  },
  description: 'a topology: which services, and what differs from their defaults',
};
