import { parseByteSize } from '../lib/byte-size.ts';
import type { Problems } from './problems.ts';
import type { LogLimits } from './project.ts';
import type { RawLogs } from './raw.ts';

/** 100 MB for a service in all. */
const DEFAULT_MAX_BYTES = 20_000_000;
const DEFAULT_KEEP = 4;
/** A file has to hold the longest line that is kept, several times. */
const LEAST_BYTES = 64_000;

/** Nothing where the configuration says nothing: then the log files have their own limits, the same ones. */
export function logLimits(raw: RawLogs | undefined, problems: Problems): { readonly logs?: LogLimits } {
  if (raw === undefined) return {};
  const maxBytes = raw.max === undefined ? DEFAULT_MAX_BYTES : (parseByteSize(raw.max) ?? DEFAULT_MAX_BYTES);
  if (maxBytes < LEAST_BYTES) {
    problems.at(['logs', 'max'], 'a log file must be able to hold at least 64KB', 'write a larger size');
  }
  return { logs: { maxBytes, keep: raw.keep ?? DEFAULT_KEEP } };
}
