/** Everything that is told, by what it is about; each group has its topic exchange. */
export const eventTypes = [
  'user.created',
  'user.updated',
  'order.created',
  'order.paid',
  'order.confirmed',
  'order.cancelled',
  'order.failed',
  'order.shipped',
  'payment.processed',
  'payment.failed',
  'payment.refunded',
] as const;

export type EventType = (typeof eventTypes)[number];

type Group = 'user' | 'order' | 'payment';

const exchanges: Readonly<Record<Group, string>> = {
  user: 'user.events',
  order: 'order.events',
  payment: 'payment.events',
};

/** Every queue by the name it has where no setting renames it, and what is led into it. */
const queues = {
  'auth.user.created': ['user.created', 'user.updated'],
  'payments.order.created': ['order.created'],
  'inventory.order.created': ['order.created', 'order.confirmed', 'order.cancelled', 'order.failed'],
  'notifications.order.created': ['order.created'],
  'notifications.payment.processed': ['payment.processed'],
  // Whoever placed an order waits for either outcome.
  'orders.payment.processed': ['payment.processed', 'payment.failed'],
  'analytics.all.events': 'all',
} as const satisfies Record<string, readonly EventType[] | 'all'>;

export type QueueName = keyof typeof queues;

export const queueNames = Object.keys(queues).filter(isQueueName);

export function isQueueName(text: string): text is QueueName {
  return Object.hasOwn(queues, text);
}

/** The services that consume: the first word of their queues' names. */
export const consumerNames = [
  'auth',
  'payments',
  'inventory',
  'notifications',
  'orders',
  'analytics',
] as const;

export type ConsumerName = (typeof consumerNames)[number];

export function queuesOf(consumer: ConsumerName): readonly QueueName[] {
  return queueNames.filter((name) => name.startsWith(`${consumer}.`));
}

/** How the names come about. */
export interface Naming {
  /** Before every name of an exchange or queue, so that several shops can share a broker. */
  prefix: string;
  /** `plain`: `order.created`. `qualified`: `order.order.created`. */
  keys: 'plain' | 'qualified';
  /** What queues are called instead. */
  renamed: Readonly<Partial<Record<QueueName, string>>>;
}

export interface Binding {
  exchange: string;
  key: string;
}

/** The names on the broker. */
export interface Topology {
  exchanges: readonly string[];
  deadLetters: string;
  /** Where an event of that type is published. */
  addressOf(type: EventType): Binding;
  queue(name: QueueName): QueueTopology;
}

export interface QueueTopology {
  name: string;
  dead: string;
  bindings: readonly Binding[];
  /** Whether events of that type belong into it. */
  takes(type: string): boolean;
}

export function createTopology({ prefix, keys, renamed }: Naming): Topology {
  const exchangeOf = (group: Group) => `${prefix}${exchanges[group]}`;
  const addressOf = (type: EventType): Binding => {
    const group = groupOf(type);
    return { exchange: exchangeOf(group), key: keys === 'qualified' ? `${group}.${type}` : type };
  };
  const all = groups.map((group) => ({ exchange: exchangeOf(group), key: '#' }));
  return {
    exchanges: groups.map(exchangeOf),
    deadLetters: `${prefix}dead.letters`,
    addressOf,
    queue: (known) => {
      const name = `${prefix}${renamed[known] ?? known}`;
      const types: readonly EventType[] | 'all' = queues[known];
      return {
        name,
        dead: `${name}.dead`,
        bindings: types === 'all' ? all : types.map(addressOf),
        takes: (type) => types === 'all' || types.some((taken) => taken === type),
      };
    },
  };
}

const groups: readonly Group[] = ['user', 'order', 'payment'];

function groupOf(type: EventType): Group {
  const group = groups.find((one) => type.startsWith(`${one}.`));
  if (group === undefined) throw new Error(`"${type}" belongs to no exchange`);
  return group;
}

/** The types that a queue takes, for whoever lists them. */
export function typesOf(name: QueueName): readonly EventType[] {
  const types: readonly EventType[] | 'all' = queues[name];
  return types === 'all' ? eventTypes : types;
}
