/** What becomes of an event that was consumed. */
export type Outcome = 'done' | 'duplicate' | 'retried' | 'dead';

/** What is counted about events. */
export interface BusMeter {
  countPublished(type: string): void;
  countUnroutable(type: string): void;
  countConsumed(queue: string, outcome: Outcome): void;
  /** How long handling took, and how long after the event it began. */
  observeHandling(queue: string, seconds: number): void;
  observeLag(queue: string, seconds: number): void;
  /** Asked whenever the metrics are read. */
  watch(sources: BusSources): void;
}

export interface BusSources {
  isConnected(): boolean;
  outboxDepth(): number;
  /** Messages ready in each consumed queue and in its `.dead`; none while the broker is not there. */
  queueDepths(): Promise<ReadonlyMap<string, number>>;
}
