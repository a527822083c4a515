/** A queue as it is now. What nobody could tell is undefined. */
export interface QueueRow {
  readonly name: string;
  /** Messages that wait to be delivered. */
  readonly ready: number | undefined;
  /** Messages that are delivered and not acknowledged. */
  readonly unacked: number | undefined;
  readonly consumers: number | undefined;
}
