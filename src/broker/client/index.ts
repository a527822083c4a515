/**
 * A person's hand in a running AMQP 0-9-1 broker: which queues there are, what is in them, and dead messages back to
 * where they came from. Knows no configuration, topology or command line, and opens nothing that it does not close.
 */
export { type BrokerAddress, parseAddress } from './address.ts';
export { withBroker } from './connect.ts';
export { isDeadLetterQueue, listQueues } from './list.ts';
export { type PeekedMessage, peekQueue } from './peek.ts';
export type { QueueRow } from './queue-row.ts';
export { type Redriven, redrive } from './redrive.ts';
