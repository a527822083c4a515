import type { ExchangeDefinition, QueueDefinition } from '../journal/journal.ts';
import { AmqpError } from '../wire/amqp-error.ts';
import { shown } from './arguments.ts';
import type { Exchange } from './exchange.ts';
import type { Queue } from './queue.ts';
import { requireSameArguments } from './queue-settings.ts';
import type { VirtualHost } from './virtual-host.ts';

const RESERVED = 'amq.';

/** Makes the exchange, or finds the same one. @throws AmqpError 403, 406 or 503 as RabbitMQ does */
export function declareExchange(host: VirtualHost, wanted: ExchangeDefinition): Exchange {
  const existing = host.exchanges.get(wanted.name);
  if (existing === undefined) {
    requireFreeName('exchange', wanted.name);
    return host.addExchange(wanted);
  }
  requireNotDefault(wanted.name);
  const { definition } = existing;
  for (const [key, label] of [
    ['type', 'type'],
    ['durable', 'durable'],
    ['autoDelete', 'auto_delete'],
  ] as const) {
    if (definition[key] !== wanted[key])
      throw inequivalent(`exchange '${wanted.name}'`, label, wanted[key], definition[key]);
  }
  if (definition.internal !== wanted.internal) {
    throw inequivalent(`exchange '${wanted.name}'`, 'internal', wanted.internal, definition.internal);
  }
  const alternate = wanted.arguments['alternate-exchange'];
  if (alternate !== definition.arguments['alternate-exchange']) {
    throw AmqpError.precondition(
      `inequivalent arg 'alternate-exchange' for exchange '${wanted.name}' in vhost '/': ` +
        `received ${shown(alternate)} but current is ${shown(definition.arguments['alternate-exchange'])}`,
    );
  }
  return existing;
}

/** Makes the queue, or finds the same one. @throws AmqpError 403, 405 or 406 as RabbitMQ does */
export function declareQueue(host: VirtualHost, wanted: QueueDefinition, connection: object): Queue {
  const existing = host.queues.get(wanted.name);
  if (existing === undefined) {
    requireFreeName('queue', wanted.name);
    return host.addQueue(wanted, wanted.exclusive ? connection : undefined);
  }
  requireAccess(existing, connection);
  const { definition } = existing;
  const place = `queue '${wanted.name}'`;
  if (definition.durable !== wanted.durable) {
    throw inequivalent(place, 'durable', wanted.durable, definition.durable);
  }
  if (definition.exclusive !== wanted.exclusive) throw lockedQueue(wanted.name);
  if (definition.autoDelete !== wanted.autoDelete) {
    throw inequivalent(place, 'auto_delete', wanted.autoDelete, definition.autoDelete);
  }
  requireSameArguments(wanted.arguments, definition.arguments, wanted.name);
  existing.touch();
  return existing;
}

/** @throws AmqpError 405 when the queue is another connection's own */
export function requireAccess(queue: Queue, connection: object): void {
  if (queue.owner !== undefined && queue.owner !== connection) throw lockedQueue(queue.name);
}

/** @throws AmqpError 403 for the exchange without a name, which is not to be changed */
export function requireNotDefault(exchange: string): void {
  if (exchange === '') throw AmqpError.refused('operation not permitted on the default exchange');
}

/** @throws AmqpError 403 for names that belong to the broker */
export function requireFreeName(kind: 'exchange' | 'queue', name: string): void {
  if (kind === 'exchange') requireNotDefault(name);
  if (name.startsWith(RESERVED)) {
    throw AmqpError.refused(`${kind} name '${name}' contains reserved prefix 'amq.*'`);
  }
}

function lockedQueue(name: string): AmqpError {
  return AmqpError.locked(
    `cannot obtain exclusive access to locked queue '${name}' in vhost '/'. It could be originally declared on another ` +
      'connection or the exclusive property value does not match that of the original declaration.',
  );
}

function inequivalent(place: string, arg: string, received: unknown, current: unknown): AmqpError {
  return AmqpError.precondition(
    `inequivalent arg '${arg}' for ${place} in vhost '/': received '${received}' but current is '${current}'`,
  );
}
