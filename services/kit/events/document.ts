import { contentType } from '../bus/envelope.ts';
import {
  createTopology,
  type EventType,
  eventTypes,
  type QueueName,
  queueNames,
  typesOf,
} from '../bus/topology.ts';
import { dataSchemas, namedSchemas } from './data.ts';
import { envelopeSchema, headersSchema } from './envelope-schema.ts';
import { examples, meanings } from './examples.ts';
import { eventAbout } from './tell.ts';

/** Everything as it is named where no setting names it otherwise. */
const topology = createTopology({ prefix: '', keys: 'plain', renamed: {} });
const bindingVersion = '0.3.0';

/**
 * The AsyncAPI 3.0 document of everything that the shop's services tell each other: one for all of them, so that each
 * event is described once. `npm run schemas` writes it to `contracts/asyncapi/shop.yaml`.
 */
export function eventsDocument(): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'The events of the shop',
      version: '0.1.0',
      description:
        'What the services of the shop tell each other over AMQP 0-9-1: at least once, and in the order of the publisher as long as nothing fails. Consumers ignore an id that they have seen and members that they do not know. With EVENT_KEYS=qualified a routing key has the group of the event before it (order.order.created); EVENT_PREFIX and QUEUES change names of exchanges and queues.',
      license: { name: 'MIT' },
    },
    defaultContentType: contentType,
    servers: {
      broker: {
        host: '127.0.0.1:5672',
        protocol: 'amqp',
        protocolVersion: '0-9-1',
        description: 'Whatever AMQP_URL names.',
      },
    },
    channels: { ...byType(typeChannel), ...byQueue(queueChannel) },
    operations: { ...named('publish', byType(publishing)), ...named('consume', byQueue(consuming)) },
    components: {
      messages: byType(message),
      schemas: { envelope: envelopeSchema, headers: headersSchema, ...namedSchemas },
    },
  };
}

function byType(describe: (type: EventType) => object): Record<string, object> {
  return Object.fromEntries(eventTypes.map((type) => [keyOf(type), describe(type)]));
}

function byQueue(describe: (queue: QueueName) => object): Record<string, object> {
  return Object.fromEntries(queueNames.map((queue) => [`${keyOf(queue)}Queue`, describe(queue)]));
}

function named(verb: string, things: Record<string, object>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(things).map(([name, thing]) => [
      `${verb}${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      thing,
    ]),
  );
}

/** `order.created` as `orderCreated`. */
function keyOf(name: string): string {
  return name.replaceAll(/\.(\w)/g, (_dot, letter: string) => letter.toUpperCase());
}

function typeChannel(type: EventType): object {
  const { exchange, key } = topology.addressOf(type);
  return {
    address: key,
    description: meanings[type],
    messages: messagesOf([type]),
    bindings: {
      amqp: {
        is: 'routingKey',
        exchange: { name: exchange, type: 'topic', durable: true, autoDelete: false },
        bindingVersion,
      },
    },
  };
}

function queueChannel(name: QueueName): object {
  const queue = topology.queue(name);
  const bound = queue.bindings.map(({ exchange, key }) => `${key} of ${exchange}`).join(', ');
  return {
    address: queue.name,
    description: `Bound to ${bound}. What cannot be handled ends in ${queue.dead}.`,
    messages: messagesOf(typesOf(name)),
    bindings: {
      amqp: {
        is: 'queue',
        queue: { name: queue.name, durable: true, exclusive: false, autoDelete: false },
        bindingVersion,
      },
    },
  };
}

function messagesOf(types: readonly EventType[]): object {
  return Object.fromEntries(
    types.map((type) => [keyOf(type), { $ref: `#/components/messages/${keyOf(type)}` }]),
  );
}

const publishers = { user: 'users', order: 'orders', payment: 'payments' } as const;

function publisherOf(type: EventType): string {
  const [group] = type.split('.');
  return group === 'user' || group === 'order' ? publishers[group] : publishers.payment;
}

function publishing(type: EventType): object {
  const channel = `#/channels/${keyOf(type)}`;
  return {
    action: 'send',
    title: `${publisherOf(type)} publishes ${type}`,
    channel: { $ref: channel },
    messages: [{ $ref: `${channel}/messages/${keyOf(type)}` }],
    // Persistent, and told when nobody gets it.
    bindings: { amqp: { deliveryMode: 2, mandatory: true, bindingVersion } },
  };
}

function consuming(queue: QueueName): object {
  const channel = `#/channels/${keyOf(queue)}Queue`;
  const [service = ''] = queue.split('.');
  return {
    action: 'receive',
    title: `${service} consumes ${queue}`,
    channel: { $ref: channel },
    messages: typesOf(queue).map((type) => ({ $ref: `${channel}/messages/${keyOf(type)}` })),
    bindings: { amqp: { ack: true, bindingVersion } },
  };
}

function message(type: EventType): object {
  return {
    name: type,
    title: type,
    summary: meanings[type],
    contentType,
    headers: { $ref: '#/components/schemas/headers' },
    payload: {
      allOf: [
        { $ref: '#/components/schemas/envelope' },
        {
          type: 'object',
          properties: {
            type: { const: type },
            data: { $ref: `#/components/schemas/${schemaNameOf(type)}` },
          },
        },
      ],
    },
    examples: [{ name: keyOf(type), payload: example(type) }],
  };
}

function schemaNameOf(type: EventType): string {
  const found = Object.entries(namedSchemas).find(([, schema]) => schema === dataSchemas[type]);
  if (found === undefined) throw new Error(`the schema of ${type} has no name`);
  return found[0];
}

function example(type: EventType): object {
  const { subject, data } = eventAbout(type, examples[type]);
  return {
    specversion: '1.0',
    id: '019aa8f0-5c20-7c3b-a1d4-5e6f7a8b9c0d',
    type,
    source: `/${publisherOf(type)}`,
    time: '2026-11-21T14:04:59.950Z',
    subject,
    datacontenttype: 'application/json',
    data,
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  };
}
