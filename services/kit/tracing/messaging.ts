import type { SpanStart } from './span.ts';

// https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/

interface Address {
  exchange: string;
  key: string;
}

interface Message {
  /** The event's type, such as `order.created`. */
  type: string;
  id: string;
}

/** An event comes about: what has to do with it from then on is below this span, in whatever process. */
export function createSpan(address: Address, { type }: Pick<Message, 'type'>): SpanStart {
  return {
    name: `create ${nameOf(address)}`,
    kind: 'producer',
    attributes: { ...told('create', nameOf(address), address.key), 'cloudevents.event_type': type },
  };
}

/** An event that was written before is given to the broker. */
export function sendSpan(address: Address, { type, id }: Message): SpanStart {
  return {
    name: `send ${nameOf(address)}`,
    kind: 'client',
    attributes: { ...told('send', nameOf(address), address.key), ...about({ type, id }) },
  };
}

/** One attempt to handle a delivery; `message` is undefined where it cannot be read. */
export function processSpan(queue: string, message: Message | undefined): SpanStart {
  return {
    name: `process ${queue}`,
    kind: 'consumer',
    attributes: { ...told('process', queue), ...(message && about(message)) },
  };
}

function told(operation: 'create' | 'send' | 'process', destination: string, key?: string) {
  return {
    'messaging.system.name': 'rabbitmq',
    'messaging.operation.type': operation,
    'messaging.operation.name': operation,
    'messaging.destination.name': destination,
    ...(key === undefined ? {} : { 'messaging.rabbitmq.destination.routing_key': key }),
  };
}

/** Other programs may publish too, and call their events what they like. */
function about({ type, id }: Message) {
  return {
    'cloudevents.event_type': type,
    ...(/^[\w.-]{1,100}$/.test(id) ? { 'messaging.message.id': id } : {}),
  };
}

function nameOf({ exchange, key }: Address): string {
  return `${exchange}:${key}`;
}
