// A service's side of the events: outbox and relay, inbox and consumers, and the connection to the message broker.
// It must not know what an event means, and nothing outside this folder may know which broker it is.
export { type Bus, type BusLife, createBus } from './bus.ts';
export type { Consumer, ShopEvent } from './consumer.ts';
export { Unprocessable } from './failure.ts';
export type { BusMeter, BusSources } from './meter.ts';
export type { NewEvent } from './outbox.ts';
export {
  amqpUrl,
  type BusSettings,
  eventConsumers,
  eventKeys,
  namePrefix,
  outboxLimit,
  queueRenamings,
  retryDelays,
} from './settings.ts';
export { type EventType, eventTypes } from './topology.ts';
