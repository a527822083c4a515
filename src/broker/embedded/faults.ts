import type { Random } from '../../lib/random.ts';

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
  /** Publishers are told connection.blocked and not read from, until this is false again. */
  readonly blocked?: boolean;
}

type Share = 'duplicate' | 'reorder' | 'cutBeforeConfirm' | 'cutBeforeAck' | 'nack' | 'withholdConfirm';

/** Decides when a fault strikes. All of its chance comes from `random`, so a seed replays it. */
export interface FaultDice {
  faults: BrokerFaults;
  strikes(fault: Share): boolean;
  /** How late a message is to be, 0 when it is not; in milliseconds. */
  delayMs(): number;
  /** A whole number from 0 to below `count`. */
  below(count: number): number;
}

export function faultDice(random: Random, faults: BrokerFaults = {}): FaultDice {
  const happens = (share: number | undefined) => share !== undefined && share > 0 && random() < share;
  return {
    faults,
    strikes(fault) {
      return happens(this.faults[fault]);
    },
    delayMs() {
      const { delay } = this.faults;
      return delay !== undefined && happens(delay.share) ? random() * delay.maxMs : 0;
    },
    below: (count) => Math.floor(random() * count),
  };
}
