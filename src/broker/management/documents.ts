import type { BrokerStats, ExchangeStats, QueueStats } from '../embedded/index.ts';
import { type Rates, totalsOf } from './rates.ts';

/** The only virtual host there is. */
const VHOST = '/';

/** `GET /api/overview`, as far as an embedded broker has something to say. */
export function overviewDocument(stats: BrokerStats, rates: Rates) {
  const { queues, exchanges, connections, channels } = stats;
  const sum = (count: (queue: QueueStats) => number) =>
    queues.reduce((total, queue) => total + count(queue), 0);
  return {
    product_name: 'shopctl broker',
    rates_mode: 'basic',
    message_stats: withRates('all', totalsOf(stats), rates),
    queue_totals: {
      messages: sum(({ ready, unacked }) => ready + unacked),
      messages_ready: sum(({ ready }) => ready),
      messages_unacknowledged: sum(({ unacked }) => unacked),
    },
    object_totals: {
      connections,
      channels,
      consumers: sum(({ consumers }) => consumers),
      exchanges: exchanges.length,
      queues: queues.length,
    },
    message_bytes: stats.messageBytes,
    publishers_blocked_by: stats.blockedBy ?? null,
  };
}

/** One entry of `GET /api/queues`. */
export function queueDocument(queue: QueueStats, rates: Rates) {
  const { published, delivered, acked } = queue.counts;
  return {
    name: queue.name,
    vhost: VHOST,
    type: 'classic',
    state: 'running',
    durable: queue.durable,
    exclusive: queue.exclusive,
    auto_delete: queue.autoDelete,
    messages: queue.ready + queue.unacked,
    messages_ready: queue.ready,
    messages_unacknowledged: queue.unacked,
    messages_delayed: queue.delayed,
    message_bytes_ready: queue.readyBytes,
    consumers: queue.consumers,
    message_stats: withRates(
      `queue ${queue.name}`,
      { publish: published, deliver_get: delivered, ack: acked },
      rates,
    ),
  };
}

/** One entry of `GET /api/exchanges`. */
export function exchangeDocument(exchange: ExchangeStats, rates: Rates) {
  const { name, type, durable, internal, autoDelete, published } = exchange;
  return {
    name,
    vhost: VHOST,
    type,
    durable,
    auto_delete: autoDelete,
    internal,
    message_stats: withRates(`exchange ${name}`, { publish_in: published }, rates),
  };
}

/** Each counter beside its rate, as RabbitMQ has it: `ack` and `ack_details.rate`. */
function withRates(of: string, counters: Readonly<Record<string, number>>, rates: Rates) {
  return Object.fromEntries(
    Object.entries(counters).flatMap(([name, count]) => [
      [name, count],
      [`${name}_details`, { rate: rates.of(`${of} ${name}`, count) }],
    ]),
  );
}
