import type { ShopctlError } from '../../errors/index.ts';
import type { Random } from '../../lib/random.ts';
import type { BrokerClock } from './clock.ts';
import type { PressureReason } from './connection/pressure.ts';
import type { BrokerFaults } from './faults.ts';
import type { BrokerLimits } from './limits.ts';

export interface BrokerOptions {
  /** A loopback address; `localhost`, the default, is 127.0.0.1 and, where there is one, ::1. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** SQLite file that keeps durable queues and persistent messages. Without one nothing outlives the broker. */
  readonly journalFile?: string;
  readonly clock?: BrokerClock;
  /** Everything random of the broker comes from it: which messages a fault strikes, and names. */
  readonly random: Random;
  readonly faults?: BrokerFaults;
  readonly limits?: Partial<BrokerLimits>;
  readonly log?: (note: BrokerNote) => void;
  /** Whom it lets in; `guest` with password `guest` when left out. */
  readonly credentials?: { readonly user: string; readonly password: string };
  /** Where its queues can be looked at (`src/broker/management`): told to every client in the server properties. */
  readonly managementUrl?: string;
}

/** Something worth a line. */
export interface BrokerNote {
  readonly kind: 'connection' | 'warning';
  readonly sentence: string;
}

export interface QueueStats {
  readonly name: string;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
  /** Messages that wait to be delivered. */
  readonly ready: number;
  /** Messages that are delivered and not acknowledged. */
  readonly unacked: number;
  /** Messages that the delay fault holds back. */
  readonly delayed: number;
  readonly consumers: number;
  /** Of the bodies that wait. */
  readonly readyBytes: number;
  /** Messages that came in, went out (redeliveries again) and were settled since the queue was there. */
  readonly counts: { readonly published: number; readonly delivered: number; readonly acked: number };
}

export interface ExchangeStats {
  readonly name: string;
  readonly type: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly internal: boolean;
  /** Messages published to it since it was there. */
  readonly published: number;
}

export interface BrokerStats {
  readonly connections: number;
  readonly channels: number;
  readonly queues: readonly QueueStats[];
  readonly exchanges: readonly ExchangeStats[];
  /** Bytes that all messages together take. */
  readonly messageBytes: number;
  /** Why publishers wait, if they do. */
  readonly blockedBy: PressureReason | undefined;
}

/** A broker that runs. Whoever started it closes it. */
export interface Broker {
  readonly port: number;
  /** For any AMQP 0-9-1 client. */
  readonly url: string;
  /** The addresses that it listens on. */
  readonly addresses: readonly string[];
  stats(): BrokerStats;
  /** Replaces all faults at once; `{}` ends them. @throws ShopctlError `usage` for one that could never strike */
  setFaults(faults: BrokerFaults): void;
  /** Settles when the journal can no longer be written: nothing is confirmed any more, and the broker is to be closed. */
  readonly failure: Promise<ShopctlError>;
  /** Says goodbye to every client and writes what is left. */
  close(): Promise<void>;
}
