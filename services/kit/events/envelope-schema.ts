import { maxEnvelopeBytes } from '../bus/envelope.ts';

/** What every event has around its data: what `readEnvelope` of the bus reads, as JSON Schema. */
export const envelopeSchema = {
  type: 'object',
  description: `CloudEvents 1.0 in the structured JSON form, of at most ${maxEnvelopeBytes} bytes.`,
  required: ['specversion', 'id', 'type', 'source', 'time', 'subject', 'datacontenttype', 'data'],
  properties: {
    specversion: { const: '1.0' },
    id: {
      type: 'string',
      description: 'Unique. Whoever has seen it once ignores it from then on.',
      minLength: 1,
      maxLength: 200,
    },
    type: { type: 'string', description: 'What happened.', pattern: '^[a-z][a-z_]*(\\.[a-z][a-z_]*)+$' },
    source: {
      type: 'string',
      description: 'The service that says so, as a URI reference such as /orders.',
      minLength: 1,
      maxLength: 200,
    },
    time: { type: 'string', description: 'When it happened.', format: 'date-time' },
    subject: {
      type: 'string',
      description: 'The id of what it happened to: a user, or the order also of a payment.',
      minLength: 1,
      maxLength: 200,
    },
    datacontenttype: { const: 'application/json' },
    data: { description: 'What it is depends on the type.' },
    traceparent: {
      type: 'string',
      description: 'The span in which it was published (W3C Trace Context), where there was one.',
      pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
    },
  },
} as const;

/** What goes with it as AMQP headers. */
export const headersSchema = {
  type: 'object',
  properties: {
    'x-request-id': { type: 'string', description: 'The request that caused it.' },
    traceparent: { type: 'string', description: 'As in the envelope.' },
    tracestate: { type: 'string', description: 'W3C Trace Context.' },
  },
} as const;
