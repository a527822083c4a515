import { type Random, seededRandom } from '../../lib/random.ts';

/** What goes wrong on purpose. Shares are from 0 (never) to 1 (always); what is left out does not happen. */
export interface BrokerFaults {
  /** Share of the messages that a queue holds twice. A message that comes back as a dead letter is not doubled again. */
  readonly duplicate?: number;
  /** Share of the messages that become deliverable late, by up to so many milliseconds. */
  readonly delay?: { readonly share: number; readonly maxMs: number };
  /** Share of the deliveries that take one of the next messages instead of the first. */
  readonly reorder?: number;
  /** Share of the confirms before which the connection is cut: stored, but the publisher cannot know. */
  readonly cutBeforeConfirm?: number;
  /** Share of the acks that cut the connection instead of counting: done, but delivered again. */
  readonly cutBeforeAck?: number;
  /** Share of the messages published with confirms that are refused with basic.nack and not stored. */
  readonly nack?: number;
  /** Share of the confirms that are never sent. */
  readonly withholdConfirm?: number;
  /** Share of the messages sent to clients in the middle of which the connection is cut: half a frame is the last they see. */
  readonly cutMidFrame?: number;
  /**
   * Share of the heartbeats instead of which a connection falls silent for good: it stays open, and nothing is sent or
   * taken on it any more. A client that has agreed on no heartbeats is spared.
   */
  readonly silence?: number;
  /** Share of the commits of the journal that fail as on a full disk. */
  readonly journalFull?: number;
  /** Publishers are told connection.blocked and not read from, until this is false again. */
  readonly blocked?: boolean;
}

/** The faults that strike with some probability and have nothing more to say. */
export const SHARES = [
  'duplicate',
  'reorder',
  'cutBeforeConfirm',
  'cutBeforeAck',
  'cutMidFrame',
  'nack',
  'withholdConfirm',
  'silence',
  'journalFull',
] as const;

type Share = (typeof SHARES)[number];

/** Decides when a fault strikes. All of its chance comes from `random`, so a seed replays it. */
export interface FaultDice {
  faults: BrokerFaults;
  strikes(fault: Share): boolean;
  /** How late a message is to be, 0 when it is not; in milliseconds. */
  delayMs(): number;
  /** A whole number from 0 to below `count`, for what a fault does once it strikes. */
  below(fault: Share, count: number): number;
}

export function faultDice(random: Random, faults: BrokerFaults = {}): FaultDice {
  // A stream for each: how often one of them is asked must not change whom another one strikes.
  const streams = new Map(
    [...SHARES, 'delay' as const].map((fault) => [fault, seededRandom(Math.floor(random() * 0x1_0000_0000))]),
  );
  const roll = (fault: Share | 'delay') => streams.get(fault)?.() ?? 1;
  const happens = (fault: Share | 'delay', share = 0) => share > 0 && roll(fault) < share;
  return {
    faults,
    strikes(fault) {
      return happens(fault, this.faults[fault]);
    },
    delayMs() {
      const { delay } = this.faults;
      return delay !== undefined && happens('delay', delay.share) ? roll('delay') * delay.maxMs : 0;
    },
    below: (fault, count) => Math.floor(roll(fault) * count),
  };
}
