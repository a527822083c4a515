// Who asks: verifies the access tokens of incoming requests, and fetches tokens for outgoing ones.
// It must not know any route, nor how tokens are issued; the auth service does that.
export { accessTokenRules, identityOf } from './access-token.ts';
export { basicCredentials } from './credentials.ts';
export type { Guard } from './guard.ts';
export {
  type Access,
  audience,
  type Identity,
  issuer,
  mayActFor,
  type Role,
  requireActFor,
  requireRole,
} from './identity.ts';
export { type AuthSettings, createIdentity, type IdentityParts } from './parts.ts';
export { authUnavailable, forbidden, tokenMissing, tokenRefused } from './refusals.ts';
