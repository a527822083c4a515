import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, as measured, the longest of all first. Where it takes its turn says nothing of what it tests. */
const longest = [
  'cli/both-backends',
  'services/bad-input/table',
  'cli/quick-references',
  'cli/packed-tarball',
  'cli/bundled-shop',
  'cli/live/live-view',
  'cli/topology',
  'load/run-load',
  'cli/fault',
  'cli/interrupt',
  'cli/projects',
  'services/crash/five-hundred',
  'services/saga/unruly-broker',
];

/** Begins with what takes longest, so that at the end no processor is left without work. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return place === -1 ? longest.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
