import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { BusMeter, BusSources } from './bus/index.ts';

/** For the broker to say how long its queues are, whenever metrics are read. */
const depthTimeoutMs = 500;

const secondsBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** The metrics of a service that publishes or consumes events. Queues are called as on the broker. */
export function createBusMeter(registry: Registry): BusMeter {
  const registers = [registry];
  const published = new Counter({
    name: 'events_published_total',
    help: 'Events that the broker has confirmed.',
    labelNames: ['type'] as const,
    registers,
  });
  const unroutable = new Counter({
    name: 'events_unroutable_total',
    help: 'Events, among those published, that were led to no queue.',
    labelNames: ['type'] as const,
    registers,
  });
  const consumed = new Counter({
    name: 'events_consumed_total',
    help: 'Deliveries by what became of them: done, duplicate, retried or dead.',
    labelNames: ['queue', 'outcome'] as const,
    registers,
  });
  const handling = new Histogram({
    name: 'event_handling_duration_seconds',
    help: 'Time from the arrival of an event until it was handled or had failed.',
    labelNames: ['queue'] as const,
    buckets: secondsBuckets,
    registers,
  });
  const lag = new Histogram({
    name: 'event_lag_seconds',
    help: 'Time from when an event happened until it arrived here.',
    labelNames: ['queue'] as const,
    buckets: secondsBuckets,
    registers,
  });
  return {
    countPublished: (type) => published.inc({ type }),
    countUnroutable: (type) => unroutable.inc({ type }),
    countConsumed: (queue, outcome) => consumed.inc({ queue, outcome }),
    observeHandling: (queue, seconds) => handling.observe({ queue }, seconds),
    observeLag: (queue, seconds) => lag.observe({ queue }, seconds),
    watch: (sources) => watch(sources, registers),
  };
}

function watch(sources: BusSources, registers: Registry[]): void {
  new Gauge({
    name: 'broker_connected',
    help: 'Whether the message broker is connected: 1 or 0.',
    registers,
    collect() {
      this.set(sources.isConnected() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'outbox_depth',
    help: 'Events that wait to be published.',
    registers,
    collect() {
      this.set(sources.outboxDepth());
    },
  });
  new Gauge({
    name: 'queue_depth',
    help: 'Messages ready in a consumed queue and in its dead letters; absent while the broker does not tell.',
    labelNames: ['queue'] as const,
    registers,
    async collect() {
      this.reset();
      for (const [queue, depth] of await depthsInTime(sources)) this.set({ queue }, depth);
    },
  });
}

async function depthsInTime({ queueDepths }: BusSources): Promise<ReadonlyMap<string, number>> {
  let timer: NodeJS.Timeout | undefined;
  const unknown = new Map<string, number>();
  const late = new Promise<ReadonlyMap<string, number>>((resolve) => {
    timer = setTimeout(resolve, depthTimeoutMs, unknown);
  });
  const depths = await Promise.race([queueDepths().catch(() => unknown), late]);
  clearTimeout(timer);
  return depths;
}
