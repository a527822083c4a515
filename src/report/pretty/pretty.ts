import type { Reporter } from '../reporter.ts';
import { prettyEvent } from './event.ts';
import { plain } from './style.ts';

/** What was seen on the terminal, as a file: no colours, lines in full. */
export const pretty: Reporter = {
  kind: 'pretty',
  serialize: (result) =>
    [
      ...result.suites.flatMap(({ tests }) =>
        tests.map((test) => prettyEvent({ type: 'test-finished', result: test }, plain)),
      ),
      prettyEvent({ type: 'run-finished', result }, plain),
    ].join(''),
};
