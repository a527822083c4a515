import type { BrokerClock } from '../clock.ts';
import type { FaultDice } from '../faults.ts';
import type {
  BindingDefinition,
  ExchangeDefinition,
  Journal,
  QueueDefinition,
  Recovered,
} from '../journal/journal.ts';
import type { BrokerLimits } from '../limits.ts';
import { AmqpError } from '../wire/amqp-error.ts';
import type { Table } from '../wire/methods.ts';
import { type Binding, Bindings } from './bindings.ts';
import { type DeathReason, deadLetterOf } from './dead-letter.ts';
import { DirectReplies } from './direct-replies.ts';
import { Exchange } from './exchange.ts';
import { HeldMessages } from './held-messages.ts';
import { type Message, newMessage, type Published } from './message.ts';
import { Queue, type QueueSurroundings } from './queue.ts';
import { type QueueSettings, readQueueSettings } from './queue-settings.ts';
import type { Consumer } from './rotation.ts';
import { Router } from './routing.ts';

export interface HostOptions {
  readonly clock: BrokerClock;
  readonly dice: FaultDice;
  readonly journal: Journal;
  readonly limits: BrokerLimits;
  /** Memory has become free. */
  readonly onRelease: () => void;
}

const BUILT_IN = {
  '': 'direct',
  'amq.direct': 'direct',
  'amq.fanout': 'fanout',
  'amq.topic': 'topic',
} as const;
const BUILT_IN_HEADERS = ['amq.headers', 'amq.match'] as const;

interface DeadMessage {
  readonly message: Message;
  readonly reason: DeathReason;
  readonly queue: Queue;
}

/**
 * All exchanges, queues and bindings, and the way of a message among them. Knows no connection and no channel. Long because
 * whatever adds or takes away a name also tells the journal and the router, and that is easier to keep right side by side.
 */
export class VirtualHost implements QueueSurroundings {
  readonly clock: BrokerClock;
  readonly dice: FaultDice;
  readonly journal: Journal;
  readonly replies = new DirectReplies();
  readonly held: HeldMessages;
  readonly #limits: BrokerLimits;
  readonly #exchanges = new Map<string, Exchange>();
  readonly #queues = new Map<string, Queue>();
  readonly #router: Router;
  readonly #bindings = new Bindings();
  #lastId = 0;
  #lastPosition = 0;
  readonly #dead: DeadMessage[] = [];
  #isBurying = false;

  constructor({ clock, dice, journal, limits, onRelease }: HostOptions) {
    this.held = new HeldMessages({ journal, onRelease, residentBytes: limits.residentBytes });
    this.clock = clock;
    this.dice = dice;
    this.journal = journal;
    this.#limits = limits;
    this.#router = new Router({
      exchange: (name) => this.#exchanges.get(name),
      queue: (name) => this.#queues.get(name),
      bindings: (exchange) => this.#bindings.from(exchange),
    });
    for (const [name, type] of Object.entries(BUILT_IN)) this.#addBuiltIn(name, type);
    for (const name of BUILT_IN_HEADERS) this.#addBuiltIn(name, 'headers');
  }

  get exchanges(): ReadonlyMap<string, Exchange> {
    return this.#exchanges;
  }
  get queues(): ReadonlyMap<string, Queue> {
    return this.#queues;
  }

  /** @throws AmqpError 404 */
  exchange(name: string): Exchange {
    const exchange = this.#exchanges.get(name);
    if (exchange === undefined) throw AmqpError.notFound(`no exchange '${name}' in vhost '/'`);
    return exchange;
  }

  /** @throws AmqpError 404 */
  queue(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw AmqpError.notFound(`no queue '${name}' in vhost '/'`);
    return queue;
  }

  addExchange(definition: ExchangeDefinition): Exchange {
    this.#requireRoom(this.#exchanges.size, 'exchanges');
    const exchange = new Exchange(definition);
    this.#exchanges.set(definition.name, exchange);
    this.#router.forget();
    if (definition.durable) this.journal.define({ kind: 'exchange', exchange: definition });
    return exchange;
  }

  removeExchange(exchange: Exchange): void {
    if (!this.#exchanges.delete(exchange.name)) return;
    this.#router.forget();
    if (exchange.definition.durable) {
      this.journal.forget({ kind: 'exchange', exchange: exchange.definition });
    }
    for (const binding of [...this.#bindings.from(exchange), ...this.#bindings.to(exchange)]) {
      this.#removeBinding(binding);
    }
  }

  /** @throws AmqpError 406 for arguments that cannot be meant */
  addQueue(definition: QueueDefinition, owner?: object): Queue {
    const settings: QueueSettings = readQueueSettings(definition.arguments, definition.name);
    this.#requireRoom(this.#queues.size, 'queues');
    const queue = new Queue(definition, settings, owner, this);
    this.#queues.set(definition.name, queue);
    this.#router.forget();
    if (queue.isStored) this.journal.define({ kind: 'queue', queue: definition });
    return queue;
  }

  /** The caller tells the consumers, once it has answered. */
  removeQueue(queue: Queue): { readonly messages: number; readonly consumers: readonly Consumer[] } {
    this.#queues.delete(queue.name);
    this.#router.forget();
    const removed = queue.remove();
    if (queue.isStored) this.journal.forget({ kind: 'queue', queue: queue.definition });
    for (const binding of this.#bindings.to(queue)) this.#removeBinding(binding);
    return removed;
  }

  /** Messages to that exchange could go somewhere. */
  isBound(exchange: Exchange): boolean {
    return this.#bindings.hasAnyFrom(exchange);
  }

  /** Binding the same again changes nothing. */
  bind(definition: BindingDefinition): void {
    const source = this.exchange(definition.source);
    const { kind, name } = definition.destination;
    const destination = kind === 'queue' ? this.queue(name) : this.exchange(name);
    if (this.#bindings.find(source, definition) !== undefined) return;
    this.#requireRoom(this.#bindings.count, 'bindings');
    const binding = { definition, source, destination, matches: source.matcher(definition) };
    this.#bindings.add(binding);
    this.#router.forget();
    if (isStored(binding)) this.journal.define({ kind: 'binding', binding: definition });
  }

  /** What is not there is not bound: that is no error. */
  unbind(definition: BindingDefinition): void {
    const source = this.#exchanges.get(definition.source);
    const binding = source === undefined ? undefined : this.#bindings.find(source, definition);
    if (binding !== undefined) this.#removeBinding(binding);
  }

  publish(
    message: Message,
    routingKeys: readonly string[],
    headers: Table,
    isWanted: (queue: string) => boolean = () => true,
  ): Published {
    const exchange = this.exchange(message.exchange);
    exchange.published += 1;
    const queues = this.#router.route(exchange, routingKeys, headers);
    if (queues.length === 0) return { routed: false, refused: false, stored: false };
    this.#lastId += 1;
    message.id = this.#lastId;
    let refused = false;
    let stored = false;
    for (const queue of queues) {
      if (!isWanted(queue.name)) continue;
      if (!queue.push(message)) refused = true;
      stored ||= message.persistent && queue.isStored;
    }
    return { routed: true, refused, stored };
  }

  nextPosition(): number {
    this.#lastPosition += 1;
    return this.#lastPosition;
  }

  hold(message: Message): void {
    this.held.hold(message);
  }

  release(message: Message): void {
    this.held.release(message);
  }

  readBodies(messages: readonly Message[], done: () => void): void {
    this.held.readBodies(messages, done);
  }

  unused(queue: Queue): void {
    if (this.#queues.get(queue.name) !== queue) return;
    for (const consumer of this.removeQueue(queue).consumers) consumer.lostQueue();
  }

  /** Dead letters can kill further messages: they are taken one after the other, never within one another. */
  deadLetter(message: Message, reason: DeathReason, queue: Queue): void {
    if (queue.settings.deadLetterExchange === undefined) return;
    this.#dead.push({ message, reason, queue });
    if (this.#isBurying) return;
    this.#isBurying = true;
    try {
      for (let dead = this.#dead.shift(); dead !== undefined; dead = this.#dead.shift()) this.#bury(dead);
    } finally {
      this.#isBurying = false;
    }
  }

  /** Takes in what an earlier run left. */
  restore({ definitions, entries }: Recovered): void {
    const own = { exchange: 0, queue: 1, binding: 2 };
    for (const definition of [...definitions].sort((a, b) => own[a.kind] - own[b.kind])) {
      if (definition.kind === 'exchange') this.addExchange(definition.exchange);
      else if (definition.kind === 'queue') this.addQueue(definition.queue);
      else this.bind(definition.binding);
    }
    for (const { queue, entry } of entries) {
      this.#lastPosition = Math.max(this.#lastPosition, entry.position);
      this.#lastId = Math.max(this.#lastId, entry.message.id);
      this.#queues.get(queue)?.restore(entry);
    }
  }

  stopTimers(): void {
    for (const queue of this.#queues.values()) queue.stopTimers();
  }

  #bury({ message, reason, queue }: DeadMessage): void {
    const { settings, name } = queue;
    const exchange = this.#exchanges.get(settings.deadLetterExchange ?? '');
    if (exchange === undefined) return;
    const letter = deadLetterOf(message, { queue: name, reason, settings, atMs: this.clock.epochMs() });
    const [routingKey = ''] = letter.routingKeys;
    const { body, bodyBytes, persistent, priority } = message;
    this.publish(
      newMessage({
        exchange: exchange.name,
        routingKey,
        header: letter.header,
        body,
        bodyBytes,
        persistent,
        priority,
        expirationMs: undefined,
      }),
      letter.routingKeys,
      letter.headers,
      (target) => !letter.closesCycle(target),
    );
  }

  #removeBinding(binding: Binding): void {
    if (!this.#bindings.remove(binding)) return;
    const { source, definition } = binding;
    this.#router.forget();
    if (isStored(binding)) this.journal.forget({ kind: 'binding', binding: definition });
    if (source.definition.autoDelete && !this.#bindings.hasAnyFrom(source)) this.removeExchange(source);
  }

  #addBuiltIn(name: string, type: string): void {
    const definition = { name, type, durable: true, autoDelete: false, internal: false, arguments: {} };
    this.#exchanges.set(name, new Exchange(definition));
  }

  #requireRoom(count: number, kind: 'queues' | 'exchanges' | 'bindings'): void {
    const limit = this.#limits[kind];
    if (count >= limit) throw AmqpError.precondition(`limit of ${limit} ${kind} in vhost '/' is reached`);
  }
}

function isStored({ source, destination }: Binding): boolean {
  if (!source.definition.durable) return false;
  return destination instanceof Exchange ? destination.definition.durable : destination.isStored;
}
