import { type Identity, idText, invalidRequest, requireActFor } from '../kit/index.ts';

/**
 * Which cart is meant: one with an id, that of a user, or a new one that belongs to nobody. `requireOwner` throws 403
 * when whoever asks may not touch a cart of that owner.
 */
export type Target = { requireOwner: (userId: string | null) => void } & (
  | { kind: 'cart'; id: string }
  | { kind: 'user'; userId: string }
  | { kind: 'new' }
);

/** How a request names a cart; whoever has an account and names none means their own. */
interface Named {
  user_id?: string | number | undefined;
  cart_id?: string | number | undefined;
}

/** Throws 400 when the request names two carts, or none where one is needed. */
export function namedTarget(identity: Identity, named: Named): Target {
  const target = findTarget(identity, named);
  if (target !== undefined) return target;
  throw invalidRequest([{ pointer: '#/cart_id', message: 'is required, or user_id' }]);
}

/** As `namedTarget`, but where carts need no owner, who names none is given a new one. */
export function namedOrNewTarget(identity: Identity, named: Named): Target {
  if (identity.kind !== 'anonymous') return namedTarget(identity, named);
  return findTarget(identity, named) ?? { kind: 'new', ...ownerCheck(identity) };
}

export function cartWithId(identity: Identity, id: string): Target {
  return { kind: 'cart', id, ...ownerCheck(identity) };
}

function findTarget(identity: Identity, { user_id, cart_id }: Named): Target | undefined {
  if (cart_id !== undefined && user_id !== undefined) {
    throw invalidRequest([{ pointer: '#/cart_id', message: 'excludes user_id' }]);
  }
  if (cart_id !== undefined) return cartWithId(identity, idText(cart_id));
  const userId = user_id ?? (identity.kind === 'user' ? identity.id : undefined);
  return userId === undefined ? undefined : { kind: 'user', userId: idText(userId), ...ownerCheck(identity) };
}

/** A cart that belongs to nobody is open to those who may act for everybody. */
function ownerCheck(identity: Identity): Pick<Target, 'requireOwner'> {
  return { requireOwner: (userId) => requireActFor(identity, userId ?? '') };
}
