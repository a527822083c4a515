import type { Tally } from './tally.ts';

/** A target that has refused or broken every connection for this many seconds running is gone. */
const LOST_AFTER_SECONDS = 2;

/** Told the counts of each second, says when the target is gone. */
export function lostDetector(): (total: Tally) => boolean {
  let seconds = 0;
  return ({ attempted, connectionErrors }) => {
    if (attempted > 0) seconds = connectionErrors === attempted ? seconds + 1 : 0;
    return seconds >= LOST_AFTER_SECONDS;
  };
}
