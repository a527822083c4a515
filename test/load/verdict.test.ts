import { expect, test } from 'vitest';
import { Tally } from '../../src/load/tally.ts';
import { judge } from '../../src/load/verdict.ts';
import type { LoadVerdict, ThresholdVerdict } from '../../src/model/index.ts';

type Counts = Partial<Pick<Tally, 'started' | 'timeouts' | 'connectionErrors' | 'expected' | 'unexpected'>>;
const answered: Counts = { started: 9, expected: 8, unexpected: 1 };

test.each<[string, Counts, ThresholdVerdict['verdict'][], LoadVerdict]>([
  ['good answers and no thresholds', answered, [], 'passed'],
  ['thresholds that all pass', answered, ['passed', 'passed'], 'passed'],
  ['one that fails beside one that is inconclusive', answered, ['inconclusive', 'failed'], 'failed'],
  ['one that is inconclusive', answered, ['passed', 'inconclusive'], 'inconclusive'],
  ['nothing sent', {}, ['inconclusive'], 'inconclusive'],
  ['no answer in time', { started: 9, timeouts: 9 }, ['passed'], 'failed'],
  ['no expected answer', { started: 9, unexpected: 9 }, ['passed'], 'failed'],
  ['no connection at all', { started: 9, connectionErrors: 9 }, ['failed'], 'target-lost'],
])('%s: %s', (_, counts, verdicts, verdict) => {
  const total = Object.assign(new Tally(), counts).summary('total', 1_000);
  const thresholds = verdicts.map((one) => ({ text: 'p50 < 1s', verdict: one, actual: [] }));
  expect(judge({ end: 'as-planned', total, thresholds }).verdict).toBe(verdict);
  expect(judge({ end: 'interrupted', total, thresholds }).verdict).toBe('interrupted');
  expect(judge({ end: 'target-lost', total, thresholds }).verdict).toBe('target-lost');
});
