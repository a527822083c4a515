import { ipKeyGenerator } from 'express-rate-limit';

interface Caller {
  /** The address of the connection; what headers claim does not count. */
  address: string;
  /** The header `X-Load-Key`. */
  loadKey: string | undefined;
  trustsLoadKey: boolean;
}

/** Who is counted: an IPv4 address, an IPv6 network of 56 bits, or a load key that comes from this machine. */
export function clientOf({ address, loadKey, trustsLoadKey }: Caller): string {
  // An IPv4 address on a socket that listens on both.
  const plain = address.replace(/^::ffff:/, '');
  const isThisMachine = plain === '::1' || plain.startsWith('127.');
  const isTrusted = trustsLoadKey && isThisMachine && loadKey !== undefined;
  return isTrusted ? `load key ${loadKey.slice(0, 128)}` : `address ${ipKeyGenerator(plain)}`;
}
