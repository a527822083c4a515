import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRequestCounts } from '../../../services/gateway/request-counts.ts';

const windowMs = 60_000;

/** Counts at a time that only the test moves. */
function countsOf(limits: { maxClients?: number; sharedCounters?: number } = {}) {
  let nowMs = 1_000_000;
  const clock = { now: () => nowMs, sleep: async () => undefined };
  const counts = createRequestCounts({ windowMs, clock, ...limits });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  const hits = (client: string) => counts.count(client).hits;
  return { counts, pass, hits, now: () => nowMs };
}

describe('the counts of requests', () => {
  it('are kept apart for each client', () => {
    const { hits } = countsOf();
    expect([hits('a'), hits('a'), hits('b'), hits('a')]).toEqual([1, 2, 1, 3]);
  });

  it('begin anew a minute after the first request, not after the last', () => {
    const { counts, hits, pass, now } = countsOf();
    expect(counts.count('a')).toEqual({ hits: 1, endsAtMs: now() + windowMs });
    pass(windowMs - 1);
    expect(hits('a')).toBe(2);
    pass(1);
    expect(counts.count('a')).toEqual({ hits: 1, endsAtMs: now() + windowMs });
  });

  it('never take more places than they have, however many clients come', () => {
    const { counts, hits, pass } = countsOf({ maxClients: 100 });
    for (let client = 0; client < 10_000; client += 1) {
      hits(`client ${client}`);
      pass(7);
      expect(counts.size()).toBeLessThanOrEqual(100);
    }
  });

  it('have a place again once windows have ended', () => {
    const { counts, hits, pass } = countsOf({ maxClients: 2, sharedCounters: 1 });
    for (const client of ['a', 'b', 'c', 'd']) hits(client);
    expect(hits('c')).toBe(3);
    pass(windowMs);
    expect([hits('e'), hits('f')]).toEqual([1, 1]);
    expect(counts.size()).toBe(2);
  });
});

describe('when all places are taken', () => {
  it('a client with a place keeps its count, whoever else comes', () => {
    const { hits } = countsOf({ maxClients: 1, sharedCounters: 4 });
    for (let time = 0; time < 50; time += 1) hits('a');
    for (let client = 0; client < 1_000; client += 1) hits(`other ${client}`);
    expect(hits('a')).toBe(51);
  });

  it('those who come share counters, which run for a minute too', () => {
    const { hits, counts, pass, now } = countsOf({ maxClients: 1, sharedCounters: 1 });
    hits('a');
    pass(10_000);
    expect(counts.count('b')).toEqual({ hits: 1, endsAtMs: now() + windowMs });
    expect(hits('c')).toBe(2);
    pass(49_999);
    expect(hits('b')).toBe(3);
  });

  it('they are so many that newcomers seldom meet', () => {
    const { hits } = countsOf({ maxClients: 0 });
    let highest = 0;
    for (let client = 0; client < 100_000; client += 1) highest = Math.max(highest, hits(`client ${client}`));
    // 1.5 clients share a counter on average; a limit of a hundred is far away.
    expect(highest).toBeLessThan(20);
  });

  it('who shares a counter with whom is a secret of each gateway', () => {
    const partners = () => {
      const { hits } = countsOf({ maxClients: 0, sharedCounters: 8 });
      hits('a');
      return Array.from({ length: 64 }, (_, client) => hits(`other ${client}`)).join();
    };
    expect(new Set([partners(), partners(), partners()]).size).toBeGreaterThan(1);
  });

  it('a place that comes free is no new minute for whoever was counted with others', () => {
    const { counts, hits, pass, now } = countsOf({ maxClients: 1, sharedCounters: 1 });
    hits('a');
    pass(windowMs - 1_000);
    const endsAtMs = now() + windowMs;
    for (let time = 0; time < 80; time += 1) hits('b');
    pass(1_000);
    expect(counts.count('b')).toEqual({ hits: 81, endsAtMs });
    expect(counts.size()).toBe(1);
  });
});

describe('whatever clients do', () => {
  const step = fc.record({
    client: fc.integer({ min: 0, max: 9 }),
    waitMs: fc.constantFrom(0, 0, 1, 999, 20_000, 60_000),
  });
  const limits = fc.record({
    maxClients: fc.integer({ min: 0, max: 5 }),
    sharedCounters: fc.integer({ min: 1, max: 4 }),
  });

  it('nobody is counted less than they asked while no minute ends', () => {
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 200 }), (room, steps) => {
        const { hits } = countsOf(room);
        const asked = new Map<number, number>();
        for (const { client } of steps) {
          asked.set(client, (asked.get(client) ?? 0) + 1);
          expect(hits(`${client}`)).toBeGreaterThanOrEqual(asked.get(client) ?? 0);
        }
      }),
    );
  });

  it('nobody is let through more than three times the limit within a minute', () => {
    const limit = 3;
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 300 }), (room, steps) => {
        const { hits, pass, now } = countsOf(room);
        const passed = new Map<number, number[]>();
        for (const { client, waitMs } of steps) {
          pass(waitMs);
          if (hits(`${client}`) > limit) continue;
          const times = (passed.get(client) ?? []).filter((atMs) => atMs > now() - windowMs);
          passed.set(client, [...times, now()]);
          expect(times.length + 1).toBeLessThanOrEqual(3 * limit);
        }
      }),
    );
  });
});
