import { describe, expect, test } from 'vitest';
import { ShopctlError } from '../../src/errors/index.ts';
import { Tally } from '../../src/load/tally.ts';
import { checkThresholds, judgeThresholds } from '../../src/load/thresholds.ts';
import type { ThresholdVerdict } from '../../src/model/index.ts';
import { profile, project, request } from './builders.ts';

const requests = [
  request({ name: 'list' }),
  request({ name: 'create-order' }),
  request({ name: 'GET users' }),
];

describe('a threshold that cannot be judged is found before the run', () => {
  test.each([
    ['erors < 1%', /there is no `erors`/, 'did you mean `errors`?'],
    ['p99 <', /p99 </, undefined],
    ['p99', /neither true nor false/, 'compare: `p99 < 500ms`'],
    ['1 < 2', /speaks of no metric/, expect.stringContaining('metrics: p50')],
    ['p99 < 500 ms', /p99 < 500 ms/, undefined],
    ['list.p9 < 1ms', /has no `p9`/, expect.stringContaining('p9')],
    ['lost.p95 < 1ms', /there is no `lost`/, undefined],
    ['requests.lists.p95 < 1ms', /has no `lists`/, 'did you mean `list`?'],
    ['p99 < "fast"', /./, undefined],
  ])('%s', (text, message, hint) => {
    const problem = problemsOf(['p50 < 1s', text])[0];
    expect(problem?.message).toMatch(message);
    if (hint !== undefined) expect(problem?.hint).toEqual(hint);
    expect(problem?.place).toMatchObject({ file: 'e2e.config.yaml', line: 6 });
  });

  test('all of them at once', () => {
    expect(problemsOf(['p98 < 1s', 'errors < 1%', 'foo > 1'])).toHaveLength(2);
  });
});

describe('a threshold is judged by the numbers', () => {
  test.each<[string, ThresholdVerdict['verdict']]>([
    ['p99 < 500ms', 'passed'],
    ['p99 < 5ms', 'failed'],
    ['max < 2s', 'passed'],
    ['min >= 10ms', 'passed'],
    ['mean > 10ms && mean < 11ms', 'passed'],
    ['errors < 1%', 'failed'],
    ['errors <= 10%', 'passed'],
    ['rate > 100/s', 'passed'],
    ['rate > 2000/s', 'failed'],
    ['count == 1000', 'passed'],
    ['timeouts == 0', 'passed'],
    ['list.p95 < 11ms', 'passed'],
    ['requests.list.p95 < 1ms', 'failed'],
    ['create-order.p50 < 1s', 'passed'],
    ['requests["GET users"].count == 0', 'passed'],
    ['p999 < 1s', 'inconclusive'],
    ['p999 < 1s || p50 < 1s', 'passed'],
    ['requests["GET users"].p50 < 1s', 'inconclusive'],
  ])('%s → %s', (text, verdict) => {
    expect(problemsOf([text])).toEqual([]);
    expect(judgeThresholds([text], shown())[0]).toMatchObject({ text, verdict });
  });

  test('and shows the actual values under the names that were written', () => {
    const [verdict] = judgeThresholds(
      ['list.max < 1ms || requests.create-order.errors > 50%'.replace('requests.', '')],
      shown(),
    );
    expect(verdict?.actual).toEqual([
      { metric: 'list.max', unit: 'ms', value: 10 },
      { metric: 'create-order.errors', unit: 'ratio', value: 0.2 },
    ]);
  });

  test('says how many samples it lacks', () => {
    const [verdict] = judgeThresholds(['p999 < 1s'], shown());
    expect(verdict?.reason).toBe('`p999` needs 5000 samples, and there are 1000');
  });

  test('a slow result of a generator at its limit is inconclusive, errors are not', () => {
    const limited = { ...shown(), generatorLimited: true };
    const verdicts = judgeThresholds(['p99 < 1ms', 'errors < 1%', 'p99 < 1s'], limited);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'failed', 'passed']);
  });
});

function problemsOf(thresholds: string[]) {
  const one = profile({ requests, thresholds });
  try {
    const names = requests.map(({ name }) => name);
    checkThresholds(one, names, project([], [one]).source);
    return [];
  } catch (error) {
    if (!(error instanceof ShopctlError)) throw error;
    expect(error.exitCode).toBe(2);
    return error.problems;
  }
}

/** 500 answers of 10 ms for `list`; 500 of 11 ms for `create-order`, of which 100 are unexpected; none for the third. */
function shown() {
  const list = filled(10, 500, 0);
  const create = filled(11, 400, 100);
  const total = new Tally();
  total.add(list);
  total.add(create);
  return {
    total: total.summary('total', 1_000),
    requests: [
      list.summary('list', 1_000),
      create.summary('create-order', 1_000),
      new Tally().summary('GET users', 1_000),
    ],
    generatorLimited: false,
  };
}

function filled(latencyMs: number, expected: number, unexpected: number): Tally {
  const tally = new Tally();
  const latencyUs = latencyMs * 1_000;
  for (let index = 0; index < expected + unexpected; index += 1) {
    const isExpected = index < expected;
    tally.answered({ status: isExpected ? 200 : 500, isExpected, latencyUs, inWindow: true });
  }
  return tally;
}
