import { describe, expect, it } from 'vitest';
import {
  formatLatency,
  type Latency,
  parseLatency,
  sampleLatencyMs,
} from '../../../../services/kit/simulation/latency.ts';
import { formatShare, parseShare } from '../../../../services/kit/simulation/share.ts';

/** Hands out these numbers, one after the other. */
function dealing(...numbers: number[]) {
  const left = [...numbers];
  return () => left.shift() ?? Number.NaN;
}

describe('a latency', () => {
  it.each<[string, Latency]>([
    ['constant(30ms)', { kind: 'constant', ms: 30 }],
    ['uniform(20ms, 1.5s)', { kind: 'uniform', lowMs: 20, highMs: 1_500 }],
    ['normal(500ms,80ms)', { kind: 'normal', meanMs: 500, deviationMs: 80 }],
    ['  normal(10m, 0ms) ', { kind: 'normal', meanMs: 600_000, deviationMs: 0 }],
  ])('reads %s, and writes it so that it reads the same', (text, expected) => {
    expect(parseLatency(text)).toEqual(expected);
    expect(parseLatency(formatLatency(expected))).toEqual(expected);
  });

  it.each([
    'constant()',
    'constant(30)',
    'constant(30ms, 40ms)',
    'constant(30ms, soon)',
    'uniform(20ms)',
    'uniform(60ms, 20ms)',
    'normal(1s, 2s, 3s)',
    'normal(-1s, 2s)',
    'constant(10.001m)',
    'poisson(3ms)',
    '30ms',
  ])('does not read %s', (text) => {
    expect(parseLatency(text)).toBeUndefined();
  });

  it('draws a uniform latency between its bounds', () => {
    const latency: Latency = { kind: 'uniform', lowMs: 20, highMs: 60 };
    expect(sampleLatencyMs(latency, dealing(0))).toBe(20);
    expect(sampleLatencyMs(latency, dealing(0.5))).toBe(40);
    expect(sampleLatencyMs(latency, dealing(0.75))).toBe(50);
  });

  it('never draws a normal latency below zero', () => {
    // The second number turns the sign: half a circle away, the cosine is -1.
    expect(sampleLatencyMs({ kind: 'normal', meanMs: 10, deviationMs: 100 }, dealing(0.9, 0.5))).toBe(0);
    expect(
      sampleLatencyMs({ kind: 'normal', meanMs: 10, deviationMs: 100 }, dealing(0.9, 0)),
    ).toBeGreaterThan(100);
  });
});

describe('a share', () => {
  it.each([
    ['0%', 0],
    ['3%', 0.03],
    ['0.0001%', 0.000001],
    ['7%', 0.07],
    ['100%', 1],
  ])('reads %s and writes it again', (text, share) => {
    expect(parseShare(text)).toBeCloseTo(share, 10);
    expect(formatShare(share)).toBe(text);
  });

  it.each(['3', '100.1%', '-1%', '0.00001%', 'half', ''])('does not read %j', (text) => {
    expect(parseShare(text)).toBeUndefined();
  });
});
