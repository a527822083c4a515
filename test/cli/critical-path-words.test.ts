import { expect, it } from 'vitest';
import { describeCriticalPath } from '../../src/cli/critical-path-words.ts';

it('names every step with its time, and the one to make faster', () => {
  const path = [
    { service: 'auth', startedMs: 10, readyMs: 400 },
    { service: 'gateway', startedMs: 405, readyMs: 1_000 },
  ];
  expect(describeCriticalPath(path)).toBe(
    [
      'critical path: the start waited 1 s for',
      '  auth     390 ms',
      '  gateway  595 ms',
      'gateway took 60 % of it: make that faster first',
    ].join('\n'),
  );
  expect(describeCriticalPath([])).toContain('no service became ready');
});
