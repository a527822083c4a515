/** The most that clients together, or one of them, may take. Whoever asks for more is told so with a reply code. */
export interface BrokerLimits {
  readonly connections: number;
  /** Per connection; the largest number of a channel as well. */
  readonly channels: number;
  readonly bodyBytes: number;
  readonly queues: number;
  readonly exchanges: number;
  readonly bindings: number;
  /** Per channel. */
  readonly consumers: number;
  /** Bytes of all messages held in memory, with what each costs besides; beyond it publishers are blocked. */
  readonly messageBytes: number;
  /** Beyond so many of those bytes, bodies that are on disk leave memory until their turn comes. */
  readonly residentBytes: number;
  /** Bytes that wait to be written to the journal; beyond it publishers are not read from. */
  readonly journalBytes: number;
  /** Bytes that wait to be read by one client; beyond it nothing is delivered to it. */
  readonly outputBytes: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_LIMITS: BrokerLimits = {
  connections: 1_000,
  channels: 2_047,
  bodyBytes: 16 * MIB,
  queues: 10_000,
  exchanges: 10_000,
  bindings: 100_000,
  consumers: 1_000,
  messageBytes: 512 * MIB,
  residentBytes: 64 * MIB,
  journalBytes: 32 * MIB,
  outputBytes: MIB,
};
