import { duration, listOf, scalar, text } from './words.ts';

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

export const loadProfile = {
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

export type HttpMethod = (typeof METHODS)[number];
export const HTTP_METHODS: readonly HttpMethod[] = METHODS;
