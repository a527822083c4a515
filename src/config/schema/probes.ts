import { duration } from './words.ts';

export const ready = {
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
    notify: {
      const: true,
      description: 'ready when it has written the line READY=1 to the file descriptor in READY_FD',
    },
    timeout: { ...duration, description: 'how long it may take, such as 20s (the default)' },
    every: { ...duration, description: 'how often it is asked, such as 25ms (the default)' },
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
