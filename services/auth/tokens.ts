import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { accessTokenRules, audience, type Identity, identityOf, issuer } from '../kit/identity/index.ts';
import { type Clock, Problem } from '../kit/index.ts';
import type { Keys } from './keys.ts';

/** How long an access token of a service is good. */
export const serviceTokenSeconds = 300;

/** Whom a token is for. */
interface Bearer {
  sub: string;
  roles: readonly string[];
  sid?: string;
  seconds: number;
}

/** A token that bears this service's signature; `isExpired` when its time is over. */
export interface ReadToken {
  identity: Identity;
  expiresAtMs: number;
  isExpired: boolean;
}

/** Which session a refresh token belongs to, and which of its tokens it is. */
export interface RefreshToken {
  id: string;
  generation: number;
}

/** Makes and reads tokens; whether a session has ended is not written in them. */
export interface Tokens {
  access(bearer: Bearer): Promise<string>;
  /** Undefined for whatever is not an access token of this service. */
  readAccess(token: string): Promise<ReadToken | undefined>;
  refresh(which: RefreshToken): string;
  /** Undefined for whatever is not a refresh token of this service. */
  readRefresh(token: string): RefreshToken | undefined;
}

export function createTokens(keys: Keys, clock: Clock): Tokens {
  return {
    access: async ({ sub, roles, sid, seconds }) => {
      const now = Math.floor(clock.now() / 1_000);
      const claims = {
        iss: issuer,
        aud: audience,
        iat: now,
        exp: now + seconds,
        jti: randomUUID(),
        sub,
        roles,
      };
      return await new SignJWT(sid === undefined ? claims : { ...claims, sid })
        .setProtectedHeader({ alg: 'EdDSA', kid: keys.kid })
        .sign(keys.privateKey);
    },
    readAccess: (token) => readAccess(token, keys, clock),
    refresh: ({ id, generation }) => sealed(`${id}.${generation}`, keys.refreshKey),
    readRefresh: (token) => {
      const match = /^([0-9a-f-]{36})\.(\d{1,9})\.[\w-]{43}$/.exec(token);
      if (match === null) return undefined;
      const [, id = '', generation = ''] = match;
      const isOurs = isSame(token, sealed(`${id}.${generation}`, keys.refreshKey));
      return isOurs ? { id, generation: Number(generation) } : undefined;
    },
  };
}

async function readAccess(token: string, keys: Keys, clock: Clock): Promise<ReadToken | undefined> {
  try {
    const { payload } = await jwtVerify(token, keys.publicKey, accessTokenRules(clock));
    return toRead(payload, false);
  } catch (error) {
    // Its signature, issuer and audience were verified before its time was.
    if (error instanceof errors.JWTExpired) return toRead(error.payload, true);
    if (error instanceof errors.JOSEError || error instanceof Problem) return undefined;
    throw error;
  }
}

function toRead(payload: JWTPayload, isExpired: boolean): ReadToken {
  return { identity: identityOf(payload), expiresAtMs: Number(payload.exp) * 1_000, isExpired };
}

/** A refresh token needs no row of its own: that it is authentic shows in its code, and the session knows which one counts. */
function sealed(text: string, key: Buffer): string {
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
