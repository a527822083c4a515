/**
 * An AMQP 0-9-1 broker inside the process: any client of that protocol can talk to it, and faults can be asked of it.
 * Knows nothing of shops, topologies or command lines, and no client library.
 */
export type { Broker, BrokerNote, BrokerOptions, BrokerStats, ExchangeStats, QueueStats } from './broker.ts';
export { type BrokerClock, systemClock } from './clock.ts';
export { readFaults, writeFaults } from './fault-words.ts';
export type { BrokerFaults } from './faults.ts';
export { startBroker } from './server.ts';
