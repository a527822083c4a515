import { isObject, isText } from './shape.ts';

/** An event on the wire: CloudEvents 1.0 in the structured JSON form, with the trace extension. */
export interface Envelope<Data = unknown> {
  specversion: '1.0';
  /** Unique; whoever has seen it once ignores it from then on. */
  id: string;
  /** What happened, such as `order.created`. */
  type: string;
  /** Which service says so, as a URI reference: `/orders`. */
  source: string;
  /** When it happened, RFC 3339 in UTC. */
  time: string;
  /** The id of what it happened to. */
  subject: string;
  datacontenttype: 'application/json';
  data: Data;
  /** The span in which it was published (W3C Trace Context), where there was one. */
  traceparent?: string;
}

/** What goes with an envelope in AMQP: `content_type` of the structured form (CloudEvents AMQP binding, 3.2). */
export const contentType = 'application/cloudevents+json';

/** Larger ones are refused on both sides: an event tells what happened, it does not carry files. */
export const maxEnvelopeBytes = 256_000;

/** An envelope, or why the bytes are none in one sentence that repeats nothing of their content. */
export type Reading = { envelope: Envelope } | { complaint: string };

/** Reads what arrived. `data` stays unknown: what it has to be depends on the type, and is the consumer's to say. */
export function readEnvelope(bytes: Uint8Array): Reading {
  if (bytes.byteLength > maxEnvelopeBytes)
    return { complaint: `The message has ${bytes.byteLength} bytes; ${maxEnvelopeBytes} are allowed.` };
  const value = parseJson(bytes);
  if (!isObject(value)) return { complaint: 'The message is not a JSON object.' };
  const { specversion, id, type, source, time, subject, datacontenttype, data, traceparent } = value;
  if (specversion !== '1.0') return bad('specversion', 'must be "1.0"');
  if (!isText(id, 200)) return bad('id', 'must be a text of at most 200 characters');
  if (!isText(type, 100) || !/^[a-z][a-z_]*(\.[a-z][a-z_]*)+$/.test(type))
    return bad('type', 'must be words joined by "." such as "order.created"');
  if (!isText(source, 200)) return bad('source', 'must be a URI reference of at most 200 characters');
  if (!isText(time, 40) || Number.isNaN(Date.parse(time))) return bad('time', 'must be an RFC 3339 time');
  if (!isText(subject, 200)) return bad('subject', 'must be a text of at most 200 characters');
  if (datacontenttype !== undefined && datacontenttype !== 'application/json')
    return bad('datacontenttype', 'must be "application/json"');
  if (data === undefined) return bad('data', 'is missing');
  const trace = isText(traceparent, 300) ? { traceparent } : {};
  const known = { specversion, id, type, source, time, subject, data } as const;
  return { envelope: { ...known, datacontenttype: 'application/json', ...trace } };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // What the parser complains about repeats the text, which may hold anything.
    return undefined;
  }
}

function bad(member: string, complaint: string): Reading {
  return { complaint: `The envelope is not valid: "${member}" ${complaint}.` };
}
