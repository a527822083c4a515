import type { JWTPayload, JWTVerifyOptions } from 'jose';
import type { Clock } from '../clock.ts';
import { audience, type Identity, isRole, issuer } from './identity.ts';
import { tokenRefused } from './refusals.ts';

/** What an access token must be, wherever it is verified (RFC 8725). */
export function accessTokenRules(clock: Clock): JWTVerifyOptions {
  return {
    issuer,
    audience,
    // Naming the algorithm is what keeps out "none" and keys used for another one.
    algorithms: ['EdDSA'],
    requiredClaims: ['sub', 'exp', 'jti'],
    currentDate: new Date(clock.now()),
  };
}

/** Whom verified claims speak of. Throws 401 when they do not say. */
export function identityOf({ sub, ...claims }: JWTPayload): Identity {
  const roles: unknown = claims['roles'];
  const sessionId: unknown = claims['sid'];
  if (sub === undefined || !Array.isArray(roles) || !roles.every(isRole)) {
    throw tokenRefused('The access token does not say who asks.');
  }
  if (roles.includes('service')) return { kind: 'service', id: sub, roles };
  return { kind: 'user', id: sub, roles, ...(typeof sessionId === 'string' ? { sessionId } : {}) };
}
