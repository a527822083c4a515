import { describe, expect, it } from 'vitest';
import { json } from '../../src/report/json.ts';
import { aFailure, aRun, aTest } from './results.ts';

describe('json', () => {
  it('holds the whole run under a version', () => {
    const exchange = {
      request: { method: 'GET', url: 'http://127.0.0.1/', headers: {} },
      startedAtMs: 0,
      durationMs: 1.23456,
      failure: { kind: 'refused' as const, message: 'connection refused' },
    };
    const step = {
      phase: 'steps' as const,
      step: 'GET',
      outcome: 'failed' as const,
      durationMs: 2,
      exchanges: [exchange],
    };
    const text = json.serialize(
      aRun([aTest({ outcome: 'failed', failures: [{ ...aFailure, exchange }], steps: [step] })], {
        exchanges: 1,
      }),
    );
    const told = {
      request: { method: 'GET', url: 'http://127.0.0.1/', headers: {} },
      started_at: '1970-01-01T00:00:00.000Z',
      duration_ms: 1.235,
      failure: { kind: 'refused', message: 'connection refused' },
    };
    expect(JSON.parse(text)).toEqual({
      schema: 'shopctl/test/1',
      seed: 123,
      started_at: '2026-01-02T03:04:05.000Z',
      duration_ms: 3400,
      interrupted: false,
      counts: { passed: 0, failed: 1, skipped: 0 },
      exchanges: 1,
      suites: [
        {
          suite: 'Orders',
          file: 'suites/a.yaml',
          tests: [
            {
              test: 'it works',
              tags: [],
              place: 'suites/a.yaml:3:5',
              outcome: 'failed',
              started_at: '2026-01-02T03:04:05.000Z',
              duration_ms: 34,
              steps: [{ phase: 'steps', step: 'GET', outcome: 'failed', duration_ms: 2, exchanges: [told] }],
              failures: [
                {
                  phase: 'steps',
                  step: 'GET ${shop}/',
                  message: 'status is 500, expected 2xx',
                  place: 'suites/a.yaml:3:5',
                  exchange: told,
                  mismatches: [
                    { subject: 'status', message: 'status is 500, expected 2xx', place: 'suites/a.yaml:3:5' },
                  ],
                },
              ],
            },
          ],
        },
      ],
    });
  });
});
