import { formatDuration, parseDuration } from '../../lib/duration.ts';
import type { Assertion } from './assertion.ts';

/** `time: < 500ms`: from the first byte sent to the last byte received. */
export const time: Assertion = {
  key: 'time',
  schema: {
    type: 'string',
    pattern: '^<\\s*(\\d+(\\.\\d+)?(ms|s|m|h))+$',
    description: 'an upper bound such as `< 500ms`',
  },
  compile: (value, path, { document }) => {
    const limitMs = parseDuration(String(value).replace(/^<\s*/, '')) ?? 0;
    const place = document.placeOf(path);
    return {
      about: 'each',
      check: ({ duration_ms: tookMs }) =>
        tookMs < limitMs
          ? []
          : [
              {
                subject: 'time',
                message: `it took ${formatDuration(tookMs)}, expected less than ${formatDuration(limitMs)}`,
                place,
              },
            ],
    };
  },
};
