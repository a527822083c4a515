import {
  declareExchange,
  declareQueue,
  requireAccess,
  requireFreeName,
  requireNotDefault,
} from '../core/declare.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Queue } from '../core/queue.ts';
import { queueWarnings } from '../core/queue-settings.ts';
import type { BindingDefinition } from '../journal/journal.ts';
import { AmqpError } from '../wire/amqp-error.ts';
import type { BindFields, ClientMethods } from '../wire/methods.ts';
import type { Handlers } from './handlers.ts';
import type { Link } from './link.ts';
import type { Replies } from './replies.ts';

type Pair = Pick<BindingDefinition, 'source' | 'destination'>;

/** Exchanges, queues and bindings as one channel declares them. */
export class Declaring {
  readonly #link: Link;
  readonly #replies: Replies;
  /** What an empty queue name stands for. */
  #lastQueue: string | undefined;

  constructor(link: Link, replies: Replies) {
    this.#link = link;
    this.#replies = replies;
  }

  handlers(): Handlers {
    return { ...this.#exchangeHandlers(), ...this.#queueHandlers() };
  }

  /** @throws AmqpError 404 when there is none of that name, or the name is empty and nothing was declared yet */
  queueNamed(name: string): Queue {
    return this.#link.host.queue(this.#fullName(name));
  }

  #exchangeHandlers(): Handlers {
    const { host } = this.#link;
    return {
      ExchangeDeclare: (fields) => {
        if (fields.passive) host.exchange(fields.exchange);
        else declareExchange(host, { ...fields, name: fields.exchange, arguments: fields.arguments });
        this.#answer(fields.nowait, () => this.#replies.send('ExchangeDeclareOk', {}));
      },
      ExchangeDelete: (fields) => {
        this.#deleteExchange(fields);
        this.#answer(fields.nowait, () => this.#replies.send('ExchangeDeleteOk', {}));
      },
      ExchangeBind: (fields) => {
        host.bind(this.#exchangeBinding(fields));
        this.#answer(fields.nowait, () => this.#replies.send('ExchangeBindOk', {}));
      },
      ExchangeUnbind: (fields) => {
        host.unbind(this.#exchangeBinding(fields));
        this.#answer(fields.nowait, () => this.#replies.send('ExchangeUnbindOk', {}));
      },
    };
  }

  #queueHandlers(): Handlers {
    const { host } = this.#link;
    return {
      QueueDeclare: (fields) => this.#declareQueue(fields),
      QueueBind: (fields) => {
        host.bind(this.#queueBinding(fields));
        this.#answer(fields.nowait, () => this.#replies.send('QueueBindOk', {}));
      },
      QueueUnbind: (fields) => {
        host.unbind(this.#queueBinding(fields));
        this.#answer(false, () => this.#replies.send('QueueUnbindOk', {}));
      },
      QueuePurge: ({ queue: name, nowait }) => {
        const queue = this.queueNamed(name);
        requireAccess(queue, this.#link);
        const messageCount = queue.purge();
        this.#answer(nowait, () => this.#replies.send('QueuePurgeOk', { messageCount }));
      },
      QueueDelete: (fields) => this.#deleteQueue(fields),
    };
  }

  /** The answer says that it is done, and what is done must not be undone by a crash. */
  #answer(isUnwanted: boolean, send: () => void): void {
    if (!isUnwanted) this.#replies.whenStored(send);
  }

  #deleteExchange({ exchange: name, ifUnused }: ClientMethods['ExchangeDelete']): void {
    requireFreeName('exchange', name);
    const exchange: Exchange | undefined = this.#link.host.exchanges.get(name);
    if (exchange === undefined) return;
    if (ifUnused && this.#link.host.isBound(exchange)) {
      throw AmqpError.precondition(`exchange '${name}' in vhost '/' in use`);
    }
    this.#link.host.removeExchange(exchange);
  }

  #declareQueue(fields: ClientMethods['QueueDeclare']): void {
    const { host } = this.#link;
    if (fields.passive && host.replies.has(fields.queue)) {
      this.#answer(fields.nowait, () => this.#declared({ name: fields.queue, ready: 0, consumers: 1 }));
      return;
    }
    const queue = fields.passive ? this.queueNamed(fields.queue) : this.#makeQueue(fields);
    requireAccess(queue, this.#link);
    this.#lastQueue = queue.name;
    const { name, ready, consumers } = queue;
    this.#answer(fields.nowait, () => this.#declared({ name, ready, consumers }));
  }

  #declared(queue: { readonly name: string; readonly ready: number; readonly consumers: number }): void {
    const { name, ready: messageCount, consumers: consumerCount } = queue;
    this.#replies.send('QueueDeclareOk', { queue: name, messageCount, consumerCount });
  }

  #makeQueue({
    queue: name,
    durable,
    exclusive,
    autoDelete,
    arguments: args,
  }: ClientMethods['QueueDeclare']): Queue {
    const { host } = this.#link;
    const definition = { durable, exclusive, autoDelete, arguments: args };
    if (name === '') {
      const chosen = { ...definition, name: this.#link.newName('amq.gen-') };
      return host.addQueue(chosen, exclusive ? this.#link : undefined);
    }
    const isNew = !host.queues.has(name);
    const queue = declareQueue(host, { ...definition, name }, this.#link);
    if (isNew) for (const warning of queueWarnings(args, name)) this.#link.warn(warning);
    return queue;
  }

  #deleteQueue({ queue: name, ifUnused, ifEmpty, nowait }: ClientMethods['QueueDelete']): void {
    const { host } = this.#link;
    const fullName = this.#fullName(name);
    const queue = host.queues.get(fullName);
    if (queue === undefined) {
      this.#answer(nowait, () => this.#replies.send('QueueDeleteOk', { messageCount: 0 }));
      return;
    }
    requireAccess(queue, this.#link);
    const place = `queue '${fullName}' in vhost '/'`;
    if (ifUnused && queue.consumers > 0) throw AmqpError.precondition(`${place} in use`);
    if (ifEmpty && queue.ready > 0) throw AmqpError.precondition(`${place} is not empty`);
    const { messages, consumers } = host.removeQueue(queue);
    this.#answer(nowait, () => this.#replies.send('QueueDeleteOk', { messageCount: messages }));
    // Comes after the answer: clients wait for that first, and the notice is for a consumer that may be the same one.
    host.journal.whenFlushed(() => {
      for (const consumer of consumers) consumer.lostQueue();
    });
  }

  #fullName(name: string): string {
    if (name !== '') return name;
    if (this.#lastQueue === undefined) throw AmqpError.notFound('no previously declared queue');
    return this.#lastQueue;
  }

  #queueBinding(
    fields: BindFields & { readonly queue: string; readonly exchange: string },
  ): BindingDefinition {
    const name = this.#fullName(fields.queue);
    const queue = this.#link.host.queues.get(name);
    if (queue !== undefined) requireAccess(queue, this.#link);
    // Two empty names: "the queue I declared last, by its own name".
    const routingKey = fields.queue === '' && fields.routingKey === '' ? name : fields.routingKey;
    return this.#binding(
      { source: fields.exchange, destination: { kind: 'queue', name } },
      { ...fields, routingKey },
    );
  }

  #exchangeBinding(
    fields: BindFields & { readonly source: string; readonly destination: string },
  ): BindingDefinition {
    requireNotDefault(fields.destination);
    return this.#binding(
      { source: fields.source, destination: { kind: 'exchange', name: fields.destination } },
      fields,
    );
  }

  /** @throws AmqpError 403 or 404, for binding and unbinding alike */
  #binding({ source, destination }: Pair, { routingKey, arguments: args }: BindFields): BindingDefinition {
    requireNotDefault(source);
    const { host } = this.#link;
    if (destination.kind === 'queue') host.queue(destination.name);
    else host.exchange(destination.name);
    host.exchange(source);
    return { source, destination, routingKey, arguments: args };
  }
}
