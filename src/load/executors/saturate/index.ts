/**
 * The executor of `saturate` profiles: a closed model on autocannon, in forked processes whose histograms are merged.
 * Knows nothing of thresholds and verdicts.
 */
export { type Measured, saturate } from './saturate.ts';
