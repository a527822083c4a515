import { ipKeyGenerator } from 'express-rate-limit';

interface Caller {
  /** The address of the connection; what headers claim does not count. */
  address: string;
  /** The header `X-Load-Key`. */
  loadKey: string | undefined;
  trustsLoadKey: boolean;
}

/** Longer keys are not taken, so that what is kept of a client stays small. */
const maxLoadKeyLength = 128;

/**
 * Who is counted: an IPv4 address, an IPv6 network of 56 bits (one subscriber has that much, RFC 6177), or a load key
 * that comes from this machine.
 */
export function clientOf({ address, loadKey, trustsLoadKey }: Caller): string {
  // An IPv4 address on a socket that listens on both.
  const plain = address.replace(/^::ffff:/, '');
  const isThisMachine = plain === '::1' || plain.startsWith('127.');
  const isKey = loadKey !== undefined && loadKey !== '' && loadKey.length <= maxLoadKeyLength;
  return trustsLoadKey && isThisMachine && isKey ? `load key ${loadKey}` : `address ${ipKeyGenerator(plain)}`;
}
