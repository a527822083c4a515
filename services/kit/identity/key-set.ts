import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../clock.ts';
import type { Upstream } from '../upstream/index.ts';
import { authUnavailable } from './refusals.ts';

/** A key that was withdrawn is believed for so long at most. */
const maxAgeMs = 600_000;
/** Tokens that name unknown keys make the service ask at most so often. */
const pauseMs = 1_000;

/** Finds the public key of a token among those of the auth service, which are asked for once and kept. */
export function createKeySet(auth: Upstream, clock: Clock): JWTVerifyGetKey {
  let kept: { find: JWTVerifyGetKey; atMs: number } | undefined;
  let loading: Promise<JWTVerifyGetKey> | undefined;
  const load = async () => {
    const find = await fetchKeys(auth);
    kept = { find, atMs: clock.now() };
    return find;
  };
  const loadOnce = async () => {
    // Many requests may need the keys at the same moment; one question is enough for all.
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return await loading;
  };
  return async (header, token) => {
    const ageMs = kept === undefined ? Number.POSITIVE_INFINITY : clock.now() - kept.atMs;
    const find = kept === undefined || ageMs > maxAgeMs ? await loadOnce() : kept.find;
    try {
      return await find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || ageMs < pauseMs || ageMs > maxAgeMs) throw error;
      const renewed = await loadOnce();
      return await renewed(header, token);
    }
  };
}

async function fetchKeys(auth: Upstream): Promise<JWTVerifyGetKey> {
  try {
    const { status, body } = await auth.call({ method: 'GET', path: '/.well-known/jwks.json' });
    if (status === 200 && isKeySet(body)) return createLocalJWKSet(body);
    throw new Error(`the auth service answered ${status} instead of its keys`);
  } catch (error) {
    throw authUnavailable(error);
  }
}

/** What jose looks at first; each key is checked when it is used. */
function isKeySet(value: unknown): value is JSONWebKeySet {
  return typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys);
}
