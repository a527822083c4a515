import { problemAt } from '../../source/index.ts';
import { matchesStatus } from '../status-pattern.ts';
import type { Assertion } from './assertion.ts';

/** `statuses: { 201: 1, 409: 19 }`: how often each status came, in a parallel step; any other status is wrong. */
export const statuses: Assertion = {
  key: 'statuses',
  schema: {
    type: 'object',
    description:
      'a mapping of statuses (or classes such as 5xx) to how often they must come, such as { 201: 1, 409: 19 }',
    minProperties: 1,
    propertyNames: {
      pattern: '^([1-5]\\d\\d|[1-5]xx)$',
      description: 'a status such as 201, or a class such as 4xx',
    },
    additionalProperties: { type: 'integer', minimum: 0, description: 'a number of answers' },
  },
  compile: (value, path, { document, problems, isParallel }) => {
    const expected = countsOf(value);
    const place = document.placeOf(path);
    if (!isParallel) {
      problems.push(
        problemAt(
          document,
          path,
          '`statuses` counts the answers of a `parallel` step',
          'here write `status`',
        ),
      );
    }
    return {
      about: 'all',
      check: ({ statuses: received }) => {
        const wrong = expected.some(
          ({ pattern, count }) =>
            received.filter((status) => matchesStatus(pattern, status)).length !== count,
        );
        const isStray = (status: number) => !expected.some(({ pattern }) => matchesStatus(pattern, status));
        if (!wrong && !received.some(isStray)) return [];
        const wanted = expected.map(({ pattern, count }) => `${count} × ${pattern}`).join(', ');
        return [
          { subject: 'statuses', message: `statuses are ${tally(received)}, expected ${wanted}`, place },
        ];
      },
    };
  },
};

function countsOf(value: unknown): { pattern: number | string; count: number }[] {
  return Object.entries(value ?? {}).map(([status, count]) => ({
    pattern: status.endsWith('xx') ? status : Number(status),
    count: Number(count),
  }));
}

function tally(received: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const status of received) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${count} × ${status}`)
    .join(', ');
}
