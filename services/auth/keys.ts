import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import type { JWK } from 'jose';
import { type Clock, type Store, timestamp } from '../kit/index.ts';
import { keepSigningKey } from './store.ts';

/** What tokens are made and checked with. */
export interface Keys {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** The public key as others may have it (RFC 7517). */
  jwk: JWK;
  /** For refresh tokens, which only this service reads. */
  refreshKey: Buffer;
}

/** Whether the text is an Ed25519 private key as a JWK. */
export function isPrivateKey(text: string): boolean {
  try {
    return readPrivateKey(text).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}

/** The key that the environment gives, else the one that the database keeps: made at the first start, for good. */
export async function openKeys(store: Store, given: string, clock: Clock): Promise<Keys> {
  const fresh = () => JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }));
  const text = given || (await keepSigningKey(store, fresh, timestamp(clock)));
  const privateKey = readPrivateKey(text);
  const publicKey = createPublicKey(privateKey);
  const bare = publicKey.export({ format: 'jwk' });
  const kid = thumbprint(bare);
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' });
  return {
    kid,
    privateKey,
    publicKey,
    jwk: { ...bare, kid, alg: 'EdDSA', use: 'sig' },
    refreshKey: Buffer.from(hkdfSync('sha256', seed, '', 'refresh tokens', 32)),
  };
}

/** RFC 7638, section 3.2, with the members that RFC 8037 requires of an Ed25519 key, in the order of their names. */
function thumbprint({ crv, kty, x }: JWK): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}

function readPrivateKey(text: string): KeyObject {
  return createPrivateKey({ key: JSON.parse(text), format: 'jwk' });
}
