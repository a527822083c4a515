import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js';
import type { LatencySummary, Percentile } from '../model/index.ts';

const PERCENTILES = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const;
export const PERCENTILE_NAMES = ['p50', 'p75', 'p90', 'p95', 'p99', 'p999'] as const satisfies Percentile[];

const TEN_MINUTES_US = 600_000_000;
/** A percentile is told only when this many samples lie beyond it: p99 needs 500 samples, p50 needs 10. */
const SAMPLES_BEYOND = 5;

/** Latencies as they travel between processes. `histogram` is empty when there are none. */
export interface EncodedLatencies {
  readonly histogram: string;
  readonly minUs: number;
  readonly maxUs: number;
  readonly sumUs: number;
}

/**
 * Latencies in whole microseconds, 1 µs to 10 min with three significant digits (HdrHistogram). Least, greatest and
 * mean are kept exactly beside the buckets. Merging adds buckets, so percentiles of a merge are those of the union.
 */
export class Latencies {
  readonly #histogram: Histogram = build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: TEN_MINUTES_US,
    numberOfSignificantValueDigits: 3,
  });
  #minUs = Number.POSITIVE_INFINITY;
  #maxUs = 0;
  #sumUs = 0;

  get samples(): number {
    return this.#histogram.totalCount;
  }

  record(latencyUs: number): void {
    const us = Math.min(TEN_MINUTES_US, Math.max(1, Math.round(latencyUs)));
    this.#histogram.recordValue(us);
    this.#minUs = Math.min(this.#minUs, us);
    this.#maxUs = Math.max(this.#maxUs, us);
    this.#sumUs += us;
  }

  add(other: Latencies): void {
    this.#histogram.add(other.#histogram);
    this.#widen(other.#minUs, other.#maxUs, other.#sumUs);
  }

  addEncoded(encoded: EncodedLatencies): void {
    if (encoded.histogram === '') return;
    this.#histogram.add(decodeFromCompressedBase64(encoded.histogram));
    this.#widen(encoded.minUs, encoded.maxUs, encoded.sumUs);
  }

  #widen(minUs: number, maxUs: number, sumUs: number): void {
    this.#minUs = Math.min(this.#minUs, minUs);
    this.#maxUs = Math.max(this.#maxUs, maxUs);
    this.#sumUs += sumUs;
  }

  encode(): EncodedLatencies {
    if (this.samples === 0) return { histogram: '', minUs: 0, maxUs: 0, sumUs: 0 };
    const histogram = encodeIntoCompressedBase64(this.#histogram);
    return { histogram, minUs: this.#minUs, maxUs: this.#maxUs, sumUs: this.#sumUs };
  }

  /** Milliseconds at or below which `share` (0 to 1) of the samples lie, within three significant digits. */
  percentileMs(share: number): number {
    const us = this.#histogram.getValueAtPercentile(share * 100);
    return Math.min(this.#maxUs, Math.max(this.#minUs, us)) / 1_000;
  }

  summary(): LatencySummary {
    const { samples } = this;
    if (samples === 0) return { samples, percentilesMs: {} };
    const percentilesMs: Partial<Record<Percentile, number>> = {};
    for (const name of PERCENTILE_NAMES) {
      if (samples >= samplesNeeded(name)) percentilesMs[name] = this.percentileMs(PERCENTILES[name]);
    }
    return {
      samples,
      minMs: this.#minUs / 1_000,
      meanMs: this.#sumUs / samples / 1_000,
      maxMs: this.#maxUs / 1_000,
      percentilesMs,
    };
  }
}

/** Samples below which a percentile would rest on too few values beyond it to be told. */
export function samplesNeeded(name: Percentile): number {
  return Math.round(SAMPLES_BEYOND / (1 - PERCENTILES[name]));
}
