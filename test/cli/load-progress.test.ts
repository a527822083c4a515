import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { loadProgress } from '../../src/cli/load-progress.ts';
import { profile } from '../load/builders.ts';

const second = (number: number) => ({
  ...{ second: number, started: 100, completed: 99, errors: 1 },
  latency: { samples: 99, percentilesMs: { p50: 2.5 } },
});

function shownFor(surroundings: { interactive: boolean; quiet: boolean }, seconds: number): string {
  const stream = Object.assign(new PassThrough(), { columns: 60 });
  const progress = loadProgress(
    { stderr: stream, ...surroundings },
    profile({ durationMs: 7_500, warmupMs: 1_000 }),
  );
  for (let number = 0; number < seconds; number += 1) progress.second(second(number));
  progress.end();
  return String(stream.read() ?? '');
}

test('where lines cannot be redrawn, there is one every five seconds', () => {
  expect(shownFor({ interactive: false, quiet: false }, 8).split('\n')).toEqual([
    'load steady: 7.5 s, after 1 s of warm-up',
    'load steady: 5 s of 7.5 s · 99 answers in the last second · p50 2.5 ms, p99 – · 1 error',
    '',
  ]);
});

test('a terminal gets one line that is redrawn, no wider than it is, and cleared at the end', () => {
  const lines = shownFor({ interactive: true, quiet: false }, 2).split('\r\u001b[2K');
  expect(lines).toHaveLength(5);
  expect(lines[2]).toMatch(/^load steady: 1 s of 7\.5 s · 99 answers/);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(60);
  expect(lines.at(-1)).toBe('');
});

test('--quiet shows nothing', () => {
  expect(shownFor({ interactive: false, quiet: true }, 8)).toBe('');
});
