import { FAULT_FORMS } from '../../broker/embedded/fault-words.ts';
import type { JsonSchema } from '../../lib/json-schema.ts';
import { freeOrPort, text } from './words.ts';

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

export const broker = {
  type: 'object',
  additionalProperties: false,
  properties: {
    embedded: {
      type: 'object',
      additionalProperties: false,
      properties: {
        port: freeOrPort,
        memory: { type: 'boolean', description: 'true or false; true: nothing is kept on disk' },
        management: {
          ...freeOrPort,
          description: 'the port of the page and HTTP API that show its queues; 0 for any that is free',
        },
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
