/** Why a card is not charged. */
export type CardRefusal = 'card-declined' | 'insufficient-funds' | 'card-expired' | 'unknown-card';

/** A charge under an id of ours: asking again with the same id charges nothing more. `amount` in minor units. */
interface Charge {
  id: string;
  amount: number;
  token: string;
}

export type ChargeResult =
  | { kind: 'captured'; transactionId: string }
  | { kind: 'refused'; why: CardRefusal };

/** Whoever moves money on cards. It is given tokens; a card number never reaches this service. */
export interface CardGateway {
  /** Throws a 504 problem when no answer comes within a bounded time: then nobody knows. */
  charge(charge: Charge, signal?: AbortSignal): Promise<ChargeResult>;
  /** Ends all doubt about a charge: its transaction if it was captured; otherwise it never will be any more. */
  settle(id: string): Promise<string | undefined>;
  /** Gives the money of a captured charge back, once. */
  refund(id: string): Promise<void>;
  /** Why a card could not be charged at all; undefined when it could. Moves nothing. */
  check(token: string): CardRefusal | undefined;
}
