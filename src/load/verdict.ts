import type { LoadJourneys, LoadTally, LoadVerdict, ThresholdVerdict } from '../model/index.ts';

interface Shown {
  readonly end: 'as-planned' | 'interrupted' | 'target-lost';
  readonly total: LoadTally;
  readonly journeys?: LoadJourneys | undefined;
  readonly thresholds: readonly ThresholdVerdict[];
}

interface Judgement {
  readonly verdict: LoadVerdict;
  readonly reason: string;
}

/**
 * What a run comes to. A run that showed nothing is never good: nothing sent is inconclusive, connections that all
 * failed mean a lost target, no answer or no expected answer means failed, whatever the thresholds say.
 */
export function judge({ end, total, journeys, thresholds }: Shown): Judgement {
  const { started, completed, expected, timeouts, connectionErrors } = total;
  if (end === 'interrupted')
    return { verdict: 'interrupted', reason: 'interrupted; the numbers are partial' };
  if (end === 'target-lost' || (connectionErrors > 0 && completed + timeouts === 0)) {
    return { verdict: 'target-lost', reason: 'the target stopped accepting connections during the run' };
  }
  if (started === 0) return { verdict: 'inconclusive', reason: 'nothing was sent' };
  if (completed === 0)
    return { verdict: 'failed', reason: `none of ${started} requests was answered in time` };
  if (expected === 0) {
    return { verdict: 'failed', reason: `none of ${completed} answers had an expected status` };
  }
  if (journeys !== undefined && journeys.failed > 0 && journeys.completed === 0) {
    return { verdict: 'failed', reason: `none of ${journeys.failed} journeys came to a good end` };
  }
  return judgeThresholdVerdicts(thresholds);
}

function judgeThresholdVerdicts(thresholds: readonly ThresholdVerdict[]): Judgement {
  const failed = thresholds.filter(({ verdict }) => verdict === 'failed').length;
  const inconclusive = thresholds.filter(({ verdict }) => verdict === 'inconclusive').length;
  const of = `of ${thresholds.length} threshold${thresholds.length === 1 ? '' : 's'}`;
  if (failed > 0) return { verdict: 'failed', reason: `${failed} ${of} failed` };
  if (inconclusive > 0)
    return { verdict: 'inconclusive', reason: `${inconclusive} ${of} could not be judged` };
  return {
    verdict: 'passed',
    reason: thresholds.length === 0 ? 'no thresholds to judge by' : `${thresholds.length} ${of} passed`,
  };
}
