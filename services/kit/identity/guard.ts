import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Clock } from '../clock.ts';
import { Problem } from '../problem.ts';
import type { Upstream } from '../upstream/index.ts';
import { accessTokenRules, identityOf } from './access-token.ts';
import { type Access, anybody, type Identity, nobody, requireAccess } from './identity.ts';
import { createKeySet } from './key-set.ts';
import { authUnavailable, tokenMissing, tokenRefused } from './refusals.ts';

/** What a guard looks at. */
interface Asked {
  /** The `Authorization` header. */
  authorization: string | undefined;
  access: Access;
  signal: AbortSignal;
}

/** Lets requests in, or not. Owns its connections to the auth service until `close`. */
export interface Guard {
  /** Throws 401, 403, or 503 when the auth service cannot be asked. */
  identify(asked: Asked): Promise<Identity>;
  close(): Promise<void>;
}

/** No tokens are in use: everybody is let in everywhere. */
export const openGuard: Guard = { identify: async () => anybody, close: async () => undefined };

/**
 * Verifies a token here (signature and claims, RFC 8725), then asks the auth service whether a user's token was revoked,
 * every time, so that whoever logs out is out everywhere at once. Service tokens live too short to be revoked.
 */
export function createGuard(auth: Upstream, clock: Clock): Guard {
  const keys = createKeySet(auth, clock);
  return {
    identify: async ({ authorization, access, signal }) => {
      if (access === 'public' || (access === 'optional' && authorization === undefined)) return nobody;
      const look = async () => {
        const token = readBearer(authorization);
        const identity = await verify(token, keys, clock);
        if (identity.kind === 'user') await requireUnrevoked(auth, token, signal);
        return identity;
      };
      const identity = await (access === 'optional' ? look().catch(nobodyIfUnknowable) : look());
      requireAccess(identity, access);
      return identity;
    },
    close: auth.close,
  };
}

/** What is open to everybody stays open while the auth service is away. */
function nobodyIfUnknowable(error: unknown): Identity {
  if (error instanceof Problem && error.facts.status === 503) return nobody;
  throw error;
}

/** RFC 6750, section 2.1. */
function readBearer(authorization: string | undefined): string {
  if (authorization === undefined) throw tokenMissing();
  const token = /^bearer +([\w.~+/-]{1,4096}=*)$/i.exec(authorization)?.[1];
  if (token === undefined) throw tokenRefused('The Authorization header does not hold one Bearer token.');
  return token;
}

async function verify(token: string, keys: JWTVerifyGetKey, clock: Clock): Promise<Identity> {
  try {
    const { payload } = await jwtVerify(token, keys, accessTokenRules(clock));
    return identityOf(payload);
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw tokenRefused('The access token has expired.');
    if (error instanceof errors.JOSEError) throw tokenRefused('The access token is not valid.');
    throw error;
  }
}

async function requireUnrevoked(auth: Upstream, token: string, signal: AbortSignal): Promise<void> {
  const isValid = await auth
    .call({ method: 'POST', path: '/validate', body: { token }, isHarmless: true, signal })
    .then(({ status, body }) => {
      if (status === 200 && typeof body === 'object' && body !== null && 'valid' in body) return body.valid;
      throw new Error(`the auth service answered ${status} without a verdict`);
    })
    .catch((error: unknown) => {
      throw authUnavailable(error);
    });
  if (isValid !== true) throw tokenRefused('The access token was revoked.');
}
