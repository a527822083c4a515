import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Latencies, PERCENTILE_NAMES, samplesNeeded } from '../../src/load/histogram.ts';

const latencies = fc.array(fc.integer({ min: 1, max: 600_000_000 }), { maxLength: 200 });
const SHARES = [0.01, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];

function of(values: readonly number[]): Latencies {
  const recorded = new Latencies();
  for (const value of values) recorded.record(value);
  return recorded;
}

test('merged parts have the percentiles of the whole, however they travelled', () => {
  fc.assert(
    fc.property(fc.array(latencies, { maxLength: 5 }), (parts) => {
      const whole = of(parts.flat());
      const merged = new Latencies();
      for (const [index, part] of parts.entries()) {
        if (index % 2 === 0) merged.add(of(part));
        else merged.addEncoded(of(part).encode());
      }
      expect(merged.samples).toBe(whole.samples);
      expect(merged.summary()).toEqual(whole.summary());
      if (whole.samples > 0)
        expect(SHARES.map((share) => merged.percentileMs(share))).toEqual(
          SHARES.map((share) => whole.percentileMs(share)),
        );
    }),
    { numRuns: 50 },
  );
});

test('a percentile is that of the sorted values, within three digits', () => {
  fc.assert(
    fc.property(
      latencies.filter(({ length }) => length > 0),
      (values) => {
        const sorted = values.toSorted((a, b) => a - b);
        const recorded = of(values);
        for (const share of [0.5, 0.9, 1]) {
          const exactMs = (sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN) / 1_000;
          expect(Math.abs(recorded.percentileMs(share) - exactMs)).toBeLessThanOrEqual(exactMs / 1_000);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('least, greatest and mean are exact', () => {
  expect(of([123_457, 20_003, 999_999]).summary()).toMatchObject({
    minMs: 20.003,
    meanMs: (123.457 + 20.003 + 999.999) / 3,
    maxMs: 999.999,
  });
});

test.each(PERCENTILE_NAMES)('%s is told from enough samples on, and not before', (name) => {
  const enough = samplesNeeded(name);
  const few = of(Array.from({ length: enough - 1 }, () => 1_000));
  expect(few.summary().percentilesMs[name]).toBeUndefined();
  few.record(1_000);
  expect(few.summary().percentilesMs[name]).toBe(1);
});

test('what lies outside of 1 µs to 10 min is kept at the bound', () => {
  expect(of([0, 0.4, 700_000_000]).summary()).toMatchObject({ minMs: 0.001, maxMs: 600_000 });
});
