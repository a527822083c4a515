import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parsePortRange, portsNobodyIsGiven, sizeOf } from '../../src/lib/port-range.ts';

test.each([
  { given: { from: 32_768, to: 60_999 }, free: { from: 20_000, to: 32_767 } },
  { given: { from: 49_152, to: 65_535 }, free: { from: 20_000, to: 49_151 } },
  { given: { from: 1_024, to: 60_999 }, free: { from: 61_000, to: 65_535 } },
  { given: { from: 1_024, to: 65_535 }, free: { from: 20_000, to: 65_535 } },
])('of a system that gives $given, ports are picked from $free', ({ given, free }) => {
  expect(portsNobodyIsGiven(given)).toEqual(free);
});

test('the range of this machine does not meet the one it gives ports from', {
  skip: process.platform !== 'linux',
}, () => {
  const text = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  const [from = 0, to = 0] = text.trim().split(/\s+/).map(Number);
  const picked = portsNobodyIsGiven();
  const givesAll = from <= 21_000 && to >= 64_536;
  expect(givesAll || picked.to < from || picked.from > to).toBe(true);
  expect(sizeOf(picked)).toBeGreaterThanOrEqual(1_000);
});

test.each(['12000-13999', '1-65535', '5000-5000'])('%s is a range', (text) => {
  const [from, to] = text.split('-').map(Number);
  expect(parsePortRange(text)).toEqual({ from, to });
});

test.each(['', '12000', '0-5', '13999-12000', '12000-65536', '12000-', 'a-b', '12000 - 13999'])(
  '"%s" is none',
  (text) => {
    expect(parsePortRange(text)).toBeUndefined();
  },
);
