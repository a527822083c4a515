import { expect, test } from 'vitest';
import type { LoadJourneys, LoadResult, LoadTally } from '../../src/model/index.ts';
import { loadJson } from '../../src/report/load-json.ts';
import { loadPretty } from '../../src/report/load-pretty.ts';

const latency = {
  samples: 600,
  minMs: 0.8,
  meanMs: 3.00049,
  maxMs: 51.2,
  percentilesMs: { p50: 2.5, p75: 3, p90: 4.25, p95: 6, p99: 12 },
};

const tally = (over: Partial<LoadTally>): LoadTally => ({
  name: 'list users',
  started: 600,
  completed: 600,
  expected: 600,
  unexpected: 0,
  timeouts: 0,
  connectionErrors: 0,
  abandoned: 0,
  ratePerSecond: 120,
  errorRatio: 0,
  statuses: { 200: 600 },
  latency,
  expectedLatency: latency,
  ...over,
});

const none = { samples: 0, percentilesMs: {} };
const failing = tally({
  ...{
    name: 'create',
    started: 3,
    completed: 2,
    expected: 1,
    unexpected: 1,
    timeouts: 1,
    ratePerSecond: 0.4,
  },
  ...{ errorRatio: 2 / 3, statuses: { 201: 1, 500: 1 }, latency: { ...none, samples: 3, maxMs: 10_000 } },
});

const result: LoadResult = {
  ...{ profile: 'steady', model: 'closed model, 10 connections', seed: 7, startedAtMs: 0, plannedMs: 5_000 },
  ...{ measuredMs: 5_000, warmupMs: 1_000, timeoutMs: 10_000, connections: 10, processes: 2 },
  targets: ['http://127.0.0.1:5002'],
  total: tally({
    ...{ name: 'total', started: 603, completed: 602, expected: 601, unexpected: 1, timeouts: 1 },
    ...{ ratePerSecond: 120.4, errorRatio: 2 / 603, statuses: { 200: 600, 201: 1, 500: 1 } },
  }),
  requests: [tally({}), failing],
  series: [{ second: 0, started: 603, completed: 602, errors: 2, latency }],
  generator: {
    limited: false,
    processes: [
      { cpuShare: 0.123456, eventLoopLagP99Ms: 1.2, eventLoopLagMaxMs: 4 },
      { cpuShare: 0.2, eventLoopLagP99Ms: 1, eventLoopLagMaxMs: 2 },
    ],
  },
  host: { node: 'v20.19.0', platform: 'linux x64', cpus: 2, loadAverage: 0.5 },
  suspect: false,
  thresholds: [
    { text: 'p99 < 500ms', verdict: 'passed', actual: [{ metric: 'p99', unit: 'ms', value: 12 }] },
    {
      text: 'errors < 0.1%',
      verdict: 'failed',
      actual: [{ metric: 'errors', unit: 'ratio', value: 2 / 603 }],
    },
    {
      ...{ text: 'p999 < 1s', verdict: 'inconclusive', actual: [{ metric: 'p999', unit: 'ms' }] },
      reason: '`p999` needs 5000 samples, and there are 603',
    },
  ],
  warnings: ['something to doubt'],
  verdict: 'failed',
  reason: '1 of 3 thresholds failed',
};

test('people get conditions, a table, failures, thresholds and the verdict', () => {
  expect(loadPretty(result, false)).toBe(`\
load steady · closed model, 10 connections · 5 s measured, 1 s of warm-up not counted
seed 7 · 2 generators using 12.3 %, 20 % of a core · Node 20.19.0, 2 CPUs

request     count   rate     p50     p90    p99    max  errors
list users    600  120/s  2.5 ms  4.3 ms  12 ms  51 ms     0 %
create          2  0.4/s       –       –      –   10 s  66.7 %
total         602  120/s  2.5 ms  4.3 ms  12 ms  51 ms  0.33 %

1 unexpected answer (all answers: 200 × 600, 201 × 1, 500 × 1)
1 request timed out

✓ p99 < 500ms  p99 was 12 ms
✗ errors < 0.1%  errors was 0.33 %
? p999 < 1s  \`p999\` needs 5000 samples, and there are 603

warning: something to doubt

failed: 1 of 3 thresholds failed
`);
});

const journeys: LoadJourneys = {
  ...{ users: 50, pauseMs: 200, graceMs: 30_000, started: 120, completed: 100, failed: 18, cut: 2 },
  ...{ endedLate: 7, ratePerSecond: 22.2, errorRatio: 18 / 118 },
  duration: { samples: 118, minMs: 900, maxMs: 3_000, percentilesMs: { p50: 1_200, p95: 2_900 } },
  failures: [
    { step: 'order', cause: 'answered 503', count: 15 },
    { step: 'cancel', cause: 'timeout', count: 3 },
  ],
  firstFailures: [
    {
      ...{ user: 4, iteration: 2, step: 'order', message: 'status is 503, expected 201' },
      place: { file: 'e2e.config.yaml', line: 12, column: 9, length: 4 },
    },
  ],
};

test('people also get how whole journeys went, and where they failed', () => {
  expect(loadPretty({ ...result, journeys }, false)).toContain(`
120 journeys: 100 completed · 18 failed · 2 cut off · 7 ended after the window · 22.2/s · p50 1.2 s · p95 2.9 s
  15 × order: answered 503
  3 × cancel: timeout
  first at e2e.config.yaml:12:9 order (user 4, iteration 2)
    status is 503, expected 201
`);
});

test('machines get journeys as one member more, and no time-out that is not theirs', () => {
  const { timeoutMs: _, ...ofJourneys } = result;
  const json = JSON.parse(JSON.stringify(loadJson({ ...ofJourneys, journeys })));
  expect(json).toMatchObject({ schema: 'shopctl/load/1', connections: 10 });
  expect(json).not.toHaveProperty('timeout_ms');
  expect(json.journeys).toEqual({
    ...{ users: 50, pause_ms: 200, grace_ms: 30_000, started: 120, completed: 100, failed: 18, cut: 2 },
    ...{ ended_late: 7, rate: 22.2, errors: 18 / 118 },
    duration: { samples: 118, min_ms: 900, max_ms: 3_000, p50_ms: 1_200, p95_ms: 2_900 },
    failures: journeys.failures,
    first_failures: [
      {
        ...{ user: 4, iteration: 2, step: 'order', message: 'status is 503, expected 201' },
        place: 'e2e.config.yaml:12:9',
      },
    ],
  });
});

test('colours are only there when wanted', () => {
  const ansi = String.fromCharCode(27);
  expect(loadPretty(result, false)).not.toContain(ansi);
  expect(loadPretty(result, true)).toContain(`${ansi}[`);
});

test('one request has no total line', () => {
  expect(loadPretty({ ...result, requests: [tally({})] }, false)).not.toMatch(/^total /m);
});

test('an error share is never rounded to nothing or to all', () => {
  const shares = [0.00001, 0.99999].map((errorRatio) =>
    loadPretty({ ...result, requests: [tally({ errorRatio })] }, false),
  );
  expect(shares[0]).toContain('<0.01 %');
  expect(shares[1]).toContain('>99.99 %');
});

test('machines get one document of a named schema', () => {
  const json = JSON.parse(JSON.stringify(loadJson(result)));
  expect(json).toMatchObject({
    schema: 'shopctl/load/1',
    verdict: 'failed',
    started_at: '1970-01-01T00:00:00.000Z',
    warmup_excluded_ms: 1_000,
    total: { completed: 602, errors: 2 / 603, connection_errors: 0 },
    series: [{ second: 0, completed: 602, errors: 2 }],
    generator: { limited: false, processes: [{ cpu_share: 0.123 }, { cpu_share: 0.2 }] },
    host: { node: 'v20.19.0', load_average: 0.5 },
  });
  expect(json.requests[0].latency).toEqual({
    ...{ samples: 600, min_ms: 0.8, mean_ms: 3, max_ms: 51.2 },
    ...{ p50_ms: 2.5, p75_ms: 3, p90_ms: 4.25, p95_ms: 6, p99_ms: 12 },
  });
  expect(json.requests[1].latency).not.toHaveProperty('p50_ms');
});
