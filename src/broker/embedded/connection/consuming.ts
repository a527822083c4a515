import { requireAccess } from '../core/declare.ts';
import { REPLY_TO } from '../core/direct-replies.ts';
import type { Entry, Message } from '../core/message.ts';
import type { Queue } from '../core/queue.ts';
import { AmqpError } from '../wire/amqp-error.ts';
import type { ClientMethods } from '../wire/methods.ts';
import { ChannelConsumer } from './consumer.ts';
import type { Handlers } from './handlers.ts';
import type { Link } from './link.ts';
import type { Replies } from './replies.ts';
import { type Delivered, Unacked } from './unacked.ts';

type ConsumeFields = ClientMethods['BasicConsume'];

/** The consuming side of a channel: who consumes, what is delivered and not acknowledged, how much may be. */
export class Consuming {
  readonly #link: Link;
  readonly #replies: Replies;
  /** The queue that an empty name stands for. */
  readonly #queueNamed: (name: string) => Queue;
  readonly #consumers = new Map<string, ChannelConsumer>();
  readonly #unacked = new Unacked();
  #lastTag = 0;
  /** What new consumers get (`basic.qos`), and what all of the channel together may have; 0 is no limit. */
  #prefetch = { consumer: 0, channel: 0 };
  #isFlowing = true;
  #isClosed = false;
  #directReplies: { readonly tag: string; readonly key: string } | undefined;

  constructor(link: Link, replies: Replies, queueNamed: (name: string) => Queue) {
    this.#link = link;
    this.#replies = replies;
    this.#queueNamed = queueNamed;
  }

  get replyKey(): string | undefined {
    return this.#directReplies?.key;
  }

  handlers(): Handlers {
    return {
      BasicQos: (fields) => this.#qos(fields),
      BasicConsume: (fields) => this.#consume(fields),
      BasicCancel: (fields) => this.#cancel(fields),
      BasicCancelOk: () => undefined,
      BasicGet: (fields) => this.#get(fields),
      BasicAck: ({ deliveryTag, multiple }) => this.#ack(deliveryTag, multiple),
      BasicNack: ({ deliveryTag, multiple, requeue }) => this.#refuse(deliveryTag, multiple, requeue),
      BasicReject: ({ deliveryTag, requeue }) => this.#refuse(deliveryTag, false, requeue),
      BasicRecover: ({ requeue }) => {
        this.#recover(requeue);
        this.#replies.send('BasicRecoverOk', {});
      },
      BasicRecoverAsync: ({ requeue }) => this.#recover(requeue),
      ChannelFlow: ({ active }) => {
        this.#isFlowing = active;
        this.#replies.send('ChannelFlowOk', { active });
        if (active) this.pump();
      },
    };
  }

  /** There may be room again: takes what waits. */
  pump(): void {
    for (const queue of new Set([...this.#consumers.values()].map(({ queue }) => queue))) queue.pump();
  }

  /** Gives everything back. */
  close(): void {
    this.#isClosed = true;
    if (this.#directReplies !== undefined) this.#link.host.replies.remove(this.#directReplies.key);
    const consumers = [...this.#consumers.values()];
    this.#consumers.clear();
    // Goes back before the consumers go, so that an auto-deleted queue takes it along.
    const queues = requeue(this.#unacked.takeAll());
    for (const consumer of consumers) consumer.queue.removeConsumer(consumer);
    for (const queue of queues) queue.pump();
  }

  #qos({ prefetchSize, prefetchCount, global }: ClientMethods['BasicQos']): void {
    if (prefetchSize !== 0) throw AmqpError.notImplemented(`prefetch_size!=0 (${prefetchSize})`);
    this.#prefetch[global ? 'channel' : 'consumer'] = prefetchCount;
    this.#replies.send('BasicQosOk', {});
    if (global) this.pump();
  }

  #consume(fields: ConsumeFields): void {
    const { consumers: limit } = this.#link.limits;
    if (this.#consumers.size >= limit) {
      throw AmqpError.precondition(`limit of ${limit} consumers on a channel is reached`);
    }
    const tag = fields.consumerTag === '' ? this.#link.newName('amq.ctag-') : fields.consumerTag;
    if (this.#consumers.has(tag) || this.#directReplies?.tag === tag) {
      throw AmqpError.notAllowed(`attempt to reuse consumer tag '${tag}'`);
    }
    if (fields.queue === REPLY_TO) {
      this.#consumeReplies(tag, fields);
      return;
    }
    const queue = this.#queueNamed(fields.queue);
    requireAccess(queue, this.#link);
    if (queue.hasExclusiveConsumer || (fields.exclusive && queue.consumers > 0)) {
      throw AmqpError.refused(`queue '${queue.name}' in vhost '/' in exclusive use`);
    }
    const consumer = new ChannelConsumer({
      tag,
      queue,
      noAck: fields.noAck,
      exclusive: fields.exclusive,
      arguments: fields.arguments,
      limit: this.#prefetch.consumer,
      mayTake: (takesAcks) => this.#mayTake(takesAcks),
      onDeliver: (entry, from) => this.#deliver(entry, from),
      onLost: (lost) => this.#lostQueue(lost),
    });
    this.#consumers.set(tag, consumer);
    if (!fields.nowait) this.#replies.send('BasicConsumeOk', { consumerTag: tag });
    queue.addConsumer(consumer);
    queue.pump();
  }

  #consumeReplies(tag: string, { noAck, nowait }: ConsumeFields): void {
    if (!noAck) throw AmqpError.precondition('reply consumer cannot acknowledge');
    if (this.#directReplies !== undefined) throw AmqpError.precondition('reply consumer already set');
    const newName = (prefix: string) => this.#link.newName(prefix);
    const key = this.#link.host.replies.add(newName, (message) => this.#reply(tag, message));
    this.#directReplies = { tag, key };
    if (!nowait) this.#replies.send('BasicConsumeOk', { consumerTag: tag });
  }

  #reply(consumerTag: string, message: Message): void {
    this.#lastTag += 1;
    const { exchange, routingKey } = message;
    const fields = { consumerTag, deliveryTag: this.#lastTag, redelivered: false, exchange, routingKey };
    this.#replies.sendContent('BasicDeliver', fields, message);
  }

  /** Cancelling who is not there is no error. */
  #cancel({ consumerTag, nowait }: ClientMethods['BasicCancel']): void {
    const consumer = this.#consumers.get(consumerTag);
    this.#consumers.delete(consumerTag);
    if (!nowait) this.#replies.send('BasicCancelOk', { consumerTag });
    if (consumer !== undefined) {
      consumer.queue.removeConsumer(consumer);
      consumer.queue.pump();
    } else if (this.#directReplies?.tag === consumerTag) {
      this.#link.host.replies.remove(this.#directReplies.key);
      this.#directReplies = undefined;
    }
  }

  #lostQueue(consumer: ChannelConsumer): void {
    this.#consumers.delete(consumer.tag);
    if (!this.#link.takesCancelNotices) return;
    this.#replies.send('BasicCancel', { consumerTag: consumer.tag, nowait: true });
  }

  #mayTake(takesAcks: boolean): boolean {
    if (!this.#isFlowing || !this.#link.hasRoom()) return false;
    const { channel } = this.#prefetch;
    return !takesAcks || channel === 0 || this.#unacked.ofConsumers < channel;
  }

  #deliver(entry: Entry, consumer: ChannelConsumer): void {
    const deliveryTag = this.#nextTag(entry, consumer.queue, consumer.noAck, consumer);
    const { message, redelivered } = entry;
    const { exchange, routingKey } = message;
    const fields = { consumerTag: consumer.tag, deliveryTag, redelivered, exchange, routingKey };
    this.#replies.sendContent('BasicDeliver', fields, message);
  }

  #get({ queue: name, noAck }: ClientMethods['BasicGet']): void {
    const queue = this.#queueNamed(name);
    requireAccess(queue, this.#link);
    queue.whenReadable(() => {
      if (this.#isClosed) return;
      const entry = queue.get();
      if (entry === undefined) this.#replies.send('BasicGetEmpty', {});
      else this.#got(entry, queue, noAck);
    });
  }

  #got(entry: Entry, queue: Queue, noAck: boolean): void {
    const messageCount = queue.ready;
    const deliveryTag = this.#nextTag(entry, queue, noAck);
    const { message, redelivered } = entry;
    const { exchange, routingKey } = message;
    this.#replies.sendContent(
      'BasicGetOk',
      { deliveryTag, redelivered, exchange, routingKey, messageCount },
      message,
    );
  }

  #nextTag(entry: Entry, queue: Queue, noAck: boolean, consumer?: ChannelConsumer): number {
    this.#lastTag += 1;
    if (noAck) queue.settle(entry);
    else this.#unacked.add(this.#lastTag, { entry, queue, consumer });
    return this.#lastTag;
  }

  #ack(tag: number, isMultiple: boolean): void {
    if (this.#link.dice.strikes('cutBeforeAck')) {
      this.#link.cut();
      return;
    }
    const acked = this.#unacked.take(tag, isMultiple);
    for (const { entry, queue } of acked) queue.settle(entry);
    this.#pumpAfter(acked);
  }

  #refuse(tag: number, isMultiple: boolean, isRequeued: boolean): void {
    const refused = this.#unacked.take(tag, isMultiple);
    if (isRequeued) requeue(refused);
    else for (const { entry, queue } of refused) queue.reject(entry);
    this.#pumpAfter(refused);
  }

  #recover(isRequeued: boolean): void {
    if (!isRequeued) throw AmqpError.notImplemented('basic.recover with requeue=false');
    this.#pumpAfter(requeue(this.#unacked.takeAll()).map((queue) => ({ queue })));
  }

  #pumpAfter(settled: readonly { readonly queue: Queue }[]): void {
    const [only] = settled;
    if (this.#prefetch.channel > 0) this.pump();
    if (only !== undefined && settled.length === 1) only.queue.pump();
    else for (const queue of new Set(settled.map(({ queue }) => queue))) queue.pump();
  }
}

/** Puts back the last first, so that each goes to the front. Returns the queues. */
function requeue(deliveries: readonly Delivered[]): readonly Queue[] {
  const backwards = [...deliveries].sort((a, b) => b.entry.position - a.entry.position);
  for (const { entry, queue } of backwards) queue.requeue(entry);
  return [...new Set(deliveries.map(({ queue }) => queue))];
}
