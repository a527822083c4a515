/**
 * The executor of `saturate` profiles: a closed model on autocannon, in forked processes whose histograms are merged.
 * Knows nothing of thresholds and verdicts.
 */
export { saturate } from './saturate.ts';
