import { forbidden, tokenMissing } from './refusals.ts';

/** Who issues access tokens, and for whom: claims `iss` and `aud`. */
export const issuer = 'urn:shop:auth';
export const audience = 'shop';

const roles = ['customer', 'support', 'admin', 'service'] as const;
export type Role = (typeof roles)[number];

/** Whoever asks. Where no tokens are in use everybody is anonymous and may do everything. */
export interface Identity {
  kind: 'user' | 'service' | 'anonymous';
  /** The user's id or the service's name. */
  id?: string;
  /** The session that a user's token belongs to. */
  sessionId?: string;
  roles: readonly Role[];
}

/**
 * Who may call a route: everybody, everybody but whoever sends a token is known by it, whoever has a valid token,
 * services (and admins), admins alone.
 */
export type Access = 'public' | 'optional' | 'user' | 'service' | 'admin';

export const nobody: Identity = { kind: 'anonymous', roles: [] };
export const anybody: Identity = { kind: 'anonymous', roles: ['admin'] };

export function isRole(value: unknown): value is Role {
  return roles.some((role) => role === value);
}

/** Throws 403 when the role does not suffice for the route. */
export function requireAccess(identity: Identity, access: Access): void {
  if (access === 'admin') requireRole(identity, 'admin');
  if (access === 'service') requireRole(identity, 'service', 'admin');
}

/** Whether that is the user's own business, or that of somebody who acts for others. */
export function mayActFor(identity: Identity, userId: string): boolean {
  return (
    (identity.kind === 'user' && identity.id === userId) || hasRole(identity, 'support', 'admin', 'service')
  );
}

/** Throws 403 unless `mayActFor`; 401 when nobody knows who asks. */
export function requireActFor(identity: Identity, userId: string): void {
  if (identity.kind === 'anonymous' && identity.roles.length === 0) throw tokenMissing();
  if (!mayActFor(identity, userId)) throw forbidden('This belongs to another user.');
}

/** Throws 403 unless whoever asks has one of the roles. */
export function requireRole(identity: Identity, ...allowed: readonly Role[]): void {
  if (!hasRole(identity, ...allowed)) throw forbidden(`This takes the role ${allowed.join(' or ')}.`);
}

function hasRole(identity: Identity, ...allowed: readonly Role[]): boolean {
  return identity.roles.some((role) => allowed.includes(role));
}
