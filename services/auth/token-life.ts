import type { OwnSetting } from '../kit/env.ts';
import { parseDurationMs } from '../kit/index.ts';

const maxSeconds = 24 * 3_600;

/** How long an access token of a user is good. Its time is written in whole seconds (RFC 7519, 4.1.4). */
export const tokenLife: OwnSetting = {
  fallback: '15m',
  expected: 'a duration in whole seconds from "1s" to "1440m"',
  accepts: (text) => {
    const seconds = tokenLifeSeconds(text);
    return Number.isInteger(seconds) && seconds >= 1 && seconds <= maxSeconds;
  },
};

/** NaN for what is no duration. */
export function tokenLifeSeconds(text: string): number {
  return (parseDurationMs(text) ?? Number.NaN) / 1_000;
}
