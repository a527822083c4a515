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
  ])('at %s with load key %s (trusted: %s) is "%s"', (address, loadKey, trustsLoadKey, expected) => {
    expect(clientOf({ address, loadKey, trustsLoadKey })).toBe(expected);
  });

  it('with IPv6 is its whole network: the rest of the address costs nothing', () => {
    const of = (address: string) => clientOf({ address, loadKey: undefined, trustsLoadKey: false });
    expect(of('2001:db8:0:1::1')).toBe(of('2001:db8:0:1::2'));
    expect(of('2001:db8:0:1::1')).not.toBe(of('2001:db8:1:1::1'));
  });
});
