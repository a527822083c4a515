import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/** Percent of lines, and of branches, of the bundled shop. */
const leastCoverage = 85;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/services/test-server.ts'],
    // Bounds, not expectations: on a busy machine a process takes seconds to start.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    // One more than the processors of the smallest machine that CI runs on: whoever starts processes mostly waits for them.
    maxWorkers: 3,
    // Files follow one another in the same processes: to load and warm up the program anew for each of three hundred
    // took more than their tests did. So no test may leave anything behind: no variable, no mock, no listener.
    isolate: false,
    // Tests make much that is soon forgotten: with room for it V8 collects seldom.
    execArgv: ['--max-semi-space-size=64'],
    sequence: { sequencer: LongestFirst },
    unstubEnvs: true,
    restoreMocks: true,
    // On in `npm test` only: a run of some files covers some of the code, which says nothing.
    coverage: {
      reportOnFailure: true,
      provider: 'v8',
      include: ['services/**/*.ts'],
      // What only a process of its own runs, which V8 does not count here: `test/services/kit/process.test.ts` proves it.
      exclude: ['test/**', 'services/*/main.ts', 'services/kit/run-service.ts'],
      reporter: [
        'text-summary',
        [
          fileURLToPath(new URL('scripts/coverage-below.cjs', import.meta.url)),
          { leastPercent: leastCoverage },
        ],
      ],
      thresholds: { lines: leastCoverage, branches: leastCoverage },
    },
  },
});
