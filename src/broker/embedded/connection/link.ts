import type { VirtualHost } from '../core/virtual-host.ts';
import type { FaultDice } from '../faults.ts';
import type { BrokerLimits } from '../limits.ts';

/** What channels see of the connection that they belong to. */
export interface Link {
  readonly host: VirtualHost;
  readonly dice: FaultDice;
  readonly limits: BrokerLimits;
  readonly user: string;
  readonly frameMax: number;
  /** The client wants to be told when a queue that it consumes from goes. */
  readonly takesCancelNotices: boolean;
  /** A name that nobody can guess by chance, such as of a queue whose name the server chooses. */
  newName(prefix: string): string;
  send(chunk: Buffer): void;
  /** The client reads fast enough to be given more. */
  hasRoom(): boolean;
  /** A message has come in. */
  published(): void;
  /** Ends the connection without a word: a fault. */
  cut(): void;
  /** Sends half of this part of a frame, and ends the connection without a word: a fault. */
  cutWithin(part: Buffer): void;
  warn(sentence: string): void;
}
