import { FAULT_FORMS } from '../broker/embedded/fault-words.ts';
import { DURATION_PATTERN } from '../lib/duration.ts';
import type { JsonSchema } from '../lib/json-schema.ts';

const NAME_PATTERN = '^[a-z][a-z0-9-]*$';

const duration = {
  type: 'string',
  pattern: DURATION_PATTERN,
  description: 'a duration such as 250ms, 20s or 1m30s',
};
const port = { type: 'integer', minimum: 1, maximum: 65535, description: 'a port between 1 and 65535' };
const text = { type: 'string', minLength: 1, description: 'a text' };
const scalar = { type: ['string', 'number', 'boolean'], description: 'a text, number or boolean' };
const named = (value: JsonSchema) => ({
  type: 'object',
  additionalProperties: value,
  propertyNames: { pattern: NAME_PATTERN, description: 'a name of small letters, digits and dashes' },
  description: 'a mapping from names',
});
const listOf = (items: JsonSchema, description: string) => ({ type: 'array', items, description });

const ready = {
  description: 'a readiness probe such as { http: /healthz } or { tcp: true }',
  type: 'object',
  additionalProperties: false,
  properties: {
    http: {
      type: 'string',
      pattern: '^/',
      description: 'a path that starts with /; ready when it answers 2xx',
    },
    tcp: { const: true, description: 'ready when the port accepts a connection' },
    timeout: { ...duration, description: 'how long it may take, such as 20s (the default)' },
    every: { ...duration, description: 'how often it is asked, such as 25ms (the default)' },
  },
};

const live = {
  description: 'false, or a mapping such as { http: /livez, every: 10s, timeout: 2s, failures: 3 }',
  anyOf: [
    { const: false, description: 'false' },
    {
      type: 'object',
      additionalProperties: false,
      properties: {
        http: {
          type: 'string',
          pattern: '^/',
          description: 'a path that starts with /; alive while it answers 2xx',
        },
        every: { ...duration, description: 'how often it is asked, such as 10s (the default)' },
        timeout: { ...duration, description: 'how long an answer may take, such as 2s (the default)' },
        failures: {
          type: 'integer',
          minimum: 1,
          maximum: 1_000,
          description:
            'a number from 1 to 1000: so many failures in a row make it unhealthy (3 when left out)',
        },
      },
    },
  ],
};

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
  port,
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
  job: { type: 'boolean', description: 'true or false; true: it is done when it ends with exit code 0' },
  env: {
    type: 'object',
    additionalProperties: scalar,
    propertyNames: { pattern: '^[^=]+$', description: 'a name of an environment variable, without `=`' },
    description: 'a mapping of environment variables',
  },
  ready,
  live,
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

const service = {
  type: 'object',
  additionalProperties: false,
  properties: serviceProperties,
  description: 'a service: a mapping with `command` (started by shopctl) or `url` (runs already)',
};

const suites = {
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

const topology = {
  type: 'object',
  additionalProperties: false,
  properties: {
    services: listOf(text, 'a list of service names'),
    override: { ...named(service), description: 'a mapping from service names to what differs' },
    suites,
  },
  description: 'a topology: which services, and what differs from their defaults',
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const;

const loadRequest = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: text,
    weight: { type: 'number', exclusiveMinimum: 0, description: 'a number above 0' },
    ...Object.fromEntries(
      METHODS.map((method) => [method, { ...text, description: 'a URL, `${service}/path`' }]),
    ),
    headers: { type: 'object', additionalProperties: scalar, description: 'a mapping of headers' },
    json: { description: 'any JSON value; `${}` is evaluated' },
    body: { type: 'string', description: 'a text body' },
    expect: {
      type: 'object',
      additionalProperties: false,
      properties: {
        status: {
          description: 'a status, or a list of statuses',
          anyOf: [
            { type: 'integer', minimum: 100, maximum: 599 },
            listOf(
              { type: 'integer', minimum: 100, maximum: 599, description: 'a status' },
              'a list of statuses',
            ),
          ],
        },
      },
      description: 'a mapping such as { status: 201 }',
    },
  },
  description: 'a request: a method with its URL, and a weight',
};

const journeySteps = (what: string) =>
  listOf({ type: 'object', minProperties: 1, description: 'a step, as in a suite' }, what);

const loadProfile = {
  type: 'object',
  additionalProperties: false,
  properties: {
    executor: { enum: ['saturate', 'users'], description: 'the load model: saturate or users' },
    duration,
    warmup: duration,
    timeout: duration,
    connections: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      description: 'a number of connections from 1 to 10000',
    },
    processes: {
      type: 'integer',
      minimum: 1,
      maximum: 64,
      description: 'a number of generator processes from 1 to 64',
    },
    requests: { ...listOf(loadRequest, 'a list of requests'), minItems: 1 },
    users: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000,
      description: 'a number of concurrent users from 1 to 1000',
    },
    journey: {
      ...journeySteps('a list of suite steps, which every user goes through again and again'),
      minItems: 1,
    },
    always: journeySteps('a list of suite steps that end every journey whatever happened'),
    pause: { ...duration, description: 'a duration such as 200ms: think time between two steps' },
    iterations: {
      type: 'integer',
      minimum: 1,
      description: 'a number from 1: so many journeys are begun at most',
    },
    thresholds: listOf(text, 'a list of thresholds such as p99 < 500ms'),
  },
  description: 'a load profile',
};

/** A share as a number, a delay as `SHARE:LONGEST`, a switch as true or false. */
const faultForms: Readonly<Record<(typeof FAULT_FORMS)[number]['form'], JsonSchema>> = {
  share: { type: 'number', minimum: 0, maximum: 1, description: 'a share from 0 (never) to 1 (always)' },
  delay: {
    type: 'string',
    pattern: '^[\\d.]+:',
    description: 'a share and the longest delay, such as 0.2:500ms',
  },
  switch: { type: 'boolean', description: 'true or false' },
};

const broker = {
  type: 'object',
  additionalProperties: false,
  properties: {
    embedded: {
      type: 'object',
      additionalProperties: false,
      properties: {
        port,
        memory: { type: 'boolean', description: 'true or false; true: nothing is kept on disk' },
        management: { ...port, description: 'the port of the page and HTTP API that show its queues' },
        user: { ...text, description: 'whom the broker lets in; guest when left out' },
        password: { ...text, description: "the user's password; guest when left out" },
        faults: {
          type: 'object',
          additionalProperties: false,
          properties: Object.fromEntries(FAULT_FORMS.map(({ name, form }) => [name, faultForms[form]])),
          description: 'a mapping such as { duplicate: 1 }: what goes wrong on purpose',
        },
      },
      description: 'a mapping such as { port: 5673 }',
    },
    url: {
      type: 'string',
      pattern: '^(amqps?://|\\$\\{)',
      description: 'an amqp:// URL of a broker that runs already',
    },
    management: {
      type: 'string',
      pattern: '^(https?://|\\$\\{)',
      description: "an http:// URL of RabbitMQ's management API; port 15672 of its host when left out",
    },
  },
  description: 'a mapping such as { embedded: { port: 5673 } } or { url: amqp://127.0.0.1 }',
};

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
  },
} as const satisfies JsonSchema;

export type HttpMethod = (typeof METHODS)[number];
export const HTTP_METHODS: readonly HttpMethod[] = METHODS;
