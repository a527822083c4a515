import { parseDurationMs } from './duration.ts';
import type { OwnSetting } from './env.ts';

/** A setting such as `500ms`, `30s` or `15m`; `parseDurationMs` reads it. */
export function durationSetting(fallback: string): OwnSetting {
  return {
    fallback,
    expected: 'a duration such as "500ms" or "15m"',
    accepts: (text) => parseDurationMs(text) !== undefined,
  };
}

/** A setting that is a whole number above zero. */
export function countSetting(fallback: number): OwnSetting {
  return {
    fallback: String(fallback),
    expected: 'a whole number from 1 to 999999999',
    accepts: (text) => /^[1-9]\d{0,8}$/.test(text),
  };
}

/** A setting that is a whole number of a small range; `what` names what is counted. */
export function rangeSetting(fallback: number, from: number, to: number, what: string): OwnSetting {
  return {
    fallback: String(fallback),
    expected: `a whole number of ${what} from ${from} to ${to}`,
    accepts: (text) => /^\d{1,9}$/.test(text) && Number(text) >= from && Number(text) <= to,
  };
}

/** The port of a second listener. */
export function portSetting(fallback: number): OwnSetting {
  return {
    fallback: String(fallback),
    expected: 'a port number from 0 (any free port) to 65535',
    accepts: (text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535,
  };
}
