import { duration, listOf, text } from './words.ts';

const path = { type: 'string', pattern: '^/', description: 'a path that starts with /' };

const status = {
  description: 'a status such as 200, or a class of them such as 2xx',
  anyOf: [
    { type: 'integer', minimum: 100, maximum: 599, description: 'a status from 100 to 599' },
    { type: 'string', pattern: '^[1-5]xx$', description: 'a class of statuses such as 2xx' },
  ],
};

const command = {
  description:
    'a command line (no shell), or a list of program and arguments; it holds when it ends with exit code 0',
  anyOf: [text, { ...listOf(text, 'a list of program and arguments'), minItems: 1 }],
};

const http = {
  description: 'a path that starts with /, or a mapping such as { path: /health, status: 200 }',
  anyOf: [
    { ...path, description: 'a path that starts with /; it holds when that answers 2xx' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['path'],
      properties: {
        path,
        status: {
          description: 'a status, or a list of statuses, such as [200, 204]; 2xx when left out',
          anyOf: [...status.anyOf, { ...listOf(status, 'a list of statuses'), minItems: 1 }],
        },
        headers: {
          type: 'object',
          minProperties: 1,
          additionalProperties: { type: 'string', description: 'a text' },
          description: 'a mapping of headers that the answer must have; parameters after `;` may be left out',
        },
        body: {
          ...text,
          description: 'an expression (CEL) over body, status and headers, such as body.status == "up"',
        },
      },
    },
  ],
};

/** What can be asked again and again. A new kind has a line here, and one in the table of src/topology/probes. */
const probes = {
  http,
  tcp: { const: true, description: 'true: it holds when the port accepts a connection' },
  amqp: {
    description: 'true (its own port), or an amqp:// URL; it holds when a broker there lets that user in',
    anyOf: [
      { const: true, description: 'true' },
      { ...text, description: 'an amqp:// URL' },
    ],
  },
  sql: {
    ...text,
    description: 'a query on its `database`, such as SELECT 1; it holds when the first value is true',
  },
  command,
};

export const ready = {
  description: 'readiness probes such as { http: /healthz } or { tcp: true }; all must hold',
  type: 'object',
  additionalProperties: false,
  properties: {
    ...probes,
    log: {
      ...text,
      description: 'a text, or a regular expression as /…/ or /…/i, that a line of its output must hold',
    },
    notify: {
      const: true,
      description: 'ready when it has written the line READY=1 to the file descriptor in READY_FD',
    },
    timeout: { ...duration, description: 'how long it may take, such as 20s (the default)' },
    every: {
      ...duration,
      description:
        'how often it is asked, such as 25ms (the default; 100ms with amqp or sql, 250ms with a command)',
    },
    try: {
      ...duration,
      description: 'how long one answer may take, such as 2s (the default; 10s for a command)',
    },
  },
};

export const live = {
  description: 'false, or a mapping such as { http: /livez, every: 10s, timeout: 2s, failures: 3 }',
  anyOf: [
    { const: false, description: 'false' },
    {
      type: 'object',
      additionalProperties: false,
      properties: {
        ...probes,
        every: { ...duration, description: 'how often it is asked, such as 10s (the default)' },
        timeout: {
          ...duration,
          description: 'how long an answer may take, such as 2s (the default; 10s for a command)',
        },
        failures: {
          type: 'integer',
          minimum: 1,
          maximum: 1_000,
          description:
            'a number from 1 to 1000: so many failures in a row make it unhealthy (3 when left out)',
        },
        'start-period': {
          ...duration,
          description: 'how long after it is ready failures do not count, such as 30s (0s when left out)',
        },
      },
    },
  ],
};
