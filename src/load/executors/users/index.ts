/**
 * The executor of profiles with a journey: a closed model of users who run suite steps, in this process, on undici.
 * Knows nothing of thresholds and verdicts.
 */
export { users } from './users.ts';
