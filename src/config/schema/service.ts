import { database } from './database.ts';
import { live, ready } from './probes.ts';
import { replicas } from './replicas.ts';
import { watch } from './watch.ts';
import { duration, freeOrPort, listOf, named, scalar, text } from './words.ts';

const policy = {
  enum: ['no', 'on-failure', 'always'],
  description: 'no, on-failure or always',
};

const serviceProperties = {
  command: {
    description: 'a command line (no shell), or a list of program and arguments',
    anyOf: [text, { ...listOf(text, 'a list of program and arguments'), minItems: 1 }],
  },
  url: {
    type: 'string',
    pattern: '^(https?://|\\$\\{)',
    description: 'an http:// or https:// URL of a service that already runs',
  },
  cwd: { ...text, description: 'the folder it runs in, from the configuration file' },
  port: freeOrPort,
  replicas,
  needs: listOf(
    {
      description: 'a service name, or a mapping such as { migrate: completed }',
      anyOf: [
        text,
        {
          ...named({
            enum: ['ready', 'started', 'completed'],
            description: 'a condition: ready, started or completed',
          }),
          minProperties: 1,
          maxProperties: 1,
        },
      ],
    },
    'a list of service names',
  ),
  eager: {
    type: 'boolean',
    description:
      'true or false; true: it loads while what it needs starts, and waits on START_FD to be told to serve',
  },
  job: { type: 'boolean', description: 'true or false; true: it is done when it ends with exit code 0' },
  env: {
    type: 'object',
    additionalProperties: scalar,
    propertyNames: { pattern: '^[^=]+$', description: 'a name of an environment variable, without `=`' },
    description: 'a mapping of environment variables',
  },
  ready,
  live,
  database,
  contract: { ...text, description: 'the path of an OpenAPI document' },
  simulate: {
    type: 'string',
    pattern: '^/',
    description: 'a path that starts with /, where the service takes faults by hand',
  },
  tls: {
    type: 'object',
    additionalProperties: false,
    required: ['ca'],
    properties: {
      ca: { ...text, description: 'the path of a PEM file with the certificates of who signs its own' },
    },
    description: 'a mapping such as { ca: certs/ca.pem }: the service speaks HTTPS',
  },
  restart: {
    description:
      'no, on-failure or always, or a mapping such as { policy: always, backoff: 200ms, limit: 10s }',
    anyOf: [
      policy,
      {
        type: 'object',
        additionalProperties: false,
        required: ['policy'],
        properties: {
          policy,
          backoff: {
            ...duration,
            description: 'the wait before the first attempt, such as 200ms (the default)',
          },
          limit: { ...duration, description: 'the longest wait, such as 10s (the default)' },
        },
      },
    ],
  },
  watch,
  required: { type: 'boolean', description: 'true or false; false: a failure does not fail `up`' },
  stop: {
    type: 'object',
    additionalProperties: false,
    properties: {
      grace: { ...duration, description: 'time from SIGTERM to SIGKILL, such as 5s (the default)' },
    },
    description: 'a mapping such as { grace: 5s }',
  },
};

export const service = {
  type: 'object',
  additionalProperties: false,
  properties: serviceProperties,
  description: 'a service: a mapping with `command` (started by shopctl) or `url` (runs already)',
};
