import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, as measured, the longest of all first. Where it takes its turn says nothing of what it tests. */
const longest = [
  'cli/both-backends',
  'services/bad-input/table',
  'cli/quick-references',
  'load/run-load',
  'cli/bundled-shop',
  'cli/projects',
  'cli/topology',
  'cli/live/live-view',
  'services/crash/five-hundred',
  'services/crash/outages',
  'services/saga/unruly-broker',
  'cli/packed-tarball',
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
