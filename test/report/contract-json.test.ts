import { expect, test } from 'vitest';
import { contractJson } from '../../src/report/contract-json.ts';
import { documentCheck, failedCheck, passedCheck, resultOf } from './contract-results.ts';

test('the shape for machines is versioned and shows the exchange of what failed', () => {
  const { checks, ...rest } = contractJson(resultOf([documentCheck, passedCheck, failedCheck]));
  expect(rest).toEqual({
    schema: 'shopctl/contract/1',
    verdict: 'failed',
    started_at: '1970-01-01T00:00:00.000Z',
    duration_ms: 1_234,
    passed: 2,
    failed: 1,
    skipped: [],
    warnings: [],
    coverage: {
      operations_seen: 1,
      operations_documented: 1,
      statuses_seen: 1,
      statuses_documented: 2,
      operations: [
        {
          service: 'orders',
          operation: 'createOrder',
          statuses: [
            { status: '201', seen: true },
            { status: '404', seen: false },
          ],
        },
      ],
    },
  });
  expect(checks).toEqual([
    { service: 'orders', name: 'examples', verdict: 'passed', duration_ms: 0, findings: [] },
    {
      service: 'orders',
      name: 'createOrder: phone',
      verdict: 'passed',
      duration_ms: 12,
      operation: 'createOrder',
      method: 'POST',
      path: '/api/orders',
      example: 'phone',
      expected_status: '201',
      status: 201,
      findings: [],
    },
    expect.objectContaining({
      name: 'createOrder: tv',
      findings: failedCheck.findings,
      exchange: {
        request: { method: 'POST', url: 'http://127.0.0.1:4000/api/orders', body: '{"items":["phone"]}' },
        response: { status: 201, text: '{"id":1}', truncated: false },
      },
    }),
  ]);
});

test('credentials in headers do not get into it', () => {
  expect(JSON.stringify(contractJson(resultOf([failedCheck])))).not.toContain('secret');
});

test('a long answer is cut, and says so', () => {
  const { call } = failedCheck;
  if (call?.exchange?.response === undefined) throw new Error('the fixture has an answer');
  const { request, startedAtMs, durationMs, response } = call.exchange;
  const exchange = { request, startedAtMs, durationMs, response: { ...response, text: 'x'.repeat(20_000) } };
  const { checks } = contractJson(resultOf([{ ...failedCheck, call: { ...call, exchange } }]));
  expect(checks).toMatchObject([{ exchange: { response: { text: 'x'.repeat(10_000), truncated: true } } }]);
});
