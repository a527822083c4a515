import type { VirtualHost } from '../core/virtual-host.ts';
import type { FaultDice } from '../faults.ts';
import type { BrokerLimits } from '../limits.ts';

/** Why publishers have to wait. */
export type PressureReason = 'memory' | 'journal' | 'fault';

/** Somebody who publishes. */
export interface Publisher {
  /** Undefined: goes on. */
  wait(reason: PressureReason | undefined): void;
}

/** Below this share of a limit publishers go on: not one message below, or they would stop and go all the time. */
const RELIEF_SHARE = 0.8;

/** Lets publishers wait when messages pile up faster than disk or consumers take them. */
export class Pressure {
  readonly #host: VirtualHost;
  readonly #dice: FaultDice;
  readonly #limits: BrokerLimits;
  readonly #publishers = new Set<Publisher>();
  #reason: PressureReason | undefined;

  constructor(host: VirtualHost, dice: FaultDice, limits: BrokerLimits) {
    this.#host = host;
    this.#dice = dice;
    this.#limits = limits;
  }

  get reason(): PressureReason | undefined {
    return this.#reason;
  }

  /** It has published: from now on it may have to wait. */
  add(publisher: Publisher): void {
    if (!this.#publishers.has(publisher)) {
      this.#publishers.add(publisher);
      if (this.#reason !== undefined) publisher.wait(this.#reason);
    }
    this.update();
  }

  remove(publisher: Publisher): void {
    this.#publishers.delete(publisher);
  }

  /** Something has grown or shrunk. */
  update(): void {
    const reason = this.#currentReason();
    if (reason === this.#reason) return;
    this.#reason = reason;
    for (const publisher of this.#publishers) publisher.wait(reason);
  }

  #currentReason(): PressureReason | undefined {
    if (this.#dice.faults.blocked === true) return 'fault';
    const { messageBytes, journalBytes } = this.#limits;
    if (this.#host.held.bytes > this.#threshold(messageBytes, 'memory')) return 'memory';
    if (this.#host.journal.waitingBytes > this.#threshold(journalBytes, 'journal')) return 'journal';
    return undefined;
  }

  #threshold(limit: number, reason: PressureReason): number {
    return this.#reason === reason ? limit * RELIEF_SHARE : limit;
  }
}
