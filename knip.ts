import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  entry: [
    'src/cli/main.ts',
    // Started as one file of the bundles.
    'src/topology/watchdog-main.ts',
    'services/*/main.ts',
    'scripts/*.{mjs,cjs}',
    'scripts/bundle/*.cjs',
    '.ci/*.mjs',
    'test/**/*.test.ts',
  ],
  project: ['src/**/*.ts', 'services/**/*.ts', 'test/**/*.ts', 'scripts/**/*.{mjs,cjs}'],
  ignoreExportsUsedInFile: true,
  // What a service's bundle reads on demand (scripts/bundle/on-demand.mjs).
  ignoreDependencies: ['later'],
  // Part of util-linux; tests that need it are skipped where it is not.
  ignoreBinaries: ['script'],
};

export default config;
