import { describe, expect, it } from 'vitest';
import { clientOf } from '../../../services/gateway/client-of.ts';

describe('a client', () => {
  it.each<[string, string | undefined, boolean, string]>([
    ['203.0.113.9', undefined, true, 'address 203.0.113.9'],
    ['203.0.113.9', 'a', true, 'address 203.0.113.9'],
    ['127.0.0.1', 'a', true, 'load key a'],
    ['127.0.0.1', 'a', false, 'address 127.0.0.1'],
    ['::1', 'a', true, 'load key a'],
    ['::ffff:127.0.0.1', 'a', true, 'load key a'],
    ['::ffff:203.0.113.9', 'a', true, 'address 203.0.113.9'],
    ['127.0.0.1', undefined, true, 'address 127.0.0.1'],
    ['127.0.0.1', '', true, 'address 127.0.0.1'],
    ['127.0.0.1', 'k'.repeat(129), true, 'address 127.0.0.1'],
  ])('at %s with load key %s (trusted: %s) is "%s"', (address, loadKey, trustsLoadKey, expected) => {
    expect(clientOf({ address, loadKey, trustsLoadKey })).toBe(expected);
  });

  const of = (address: string) => clientOf({ address, loadKey: undefined, trustsLoadKey: false });

  it('with IPv6 is its whole network: the rest of the address costs nothing', () => {
    expect(of('2001:db8:0:1::1')).toBe(of('2001:db8:0:1::2'));
    expect(of('2001:db8:0:1::1')).not.toBe(of('2001:db8:1:1::1'));
  });

  it('is the same whichever of the 256 networks of its /56 it moves to', () => {
    const moved = Array.from({ length: 256 }, (_, network) =>
      of(`2001:db8:0:12${network.toString(16).padStart(2, '0')}::1`),
    );
    expect(new Set(moved)).toEqual(new Set([of('2001:db8:0:1200::')]));
    expect(of('2001:db8:0:1300::1')).not.toBe(of('2001:db8:0:1200::1'));
  });

  it('on a link is its network too, through whichever interface it comes', () => {
    expect(of('fe80::1%eth0')).toBe(of('fe80::2%eth1'));
  });
});
