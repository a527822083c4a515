import {
  type Clock,
  maxMinorUnits,
  notFound,
  type ServiceParts,
  type Store,
  type Transaction,
  timestamp,
} from '../kit/index.ts';
import type { Accounts } from './accounts.ts';
import type { Catalogue } from './catalogue.ts';
import { cartChanged, cartFull, maxLines, maxPieces, notInCart } from './refusals.ts';
import type { Cart, CartStore } from './store.ts';
import type { Target } from './target.ts';

interface Piece {
  productId: string;
  quantity: number;
}

/** The rules of carts: one a user, prices as they were when a product was put in. Errors are `Problem`s. */
export interface Carts {
  /** Undefined: a user who has not put anything in yet. Throws 404 for an unknown id. */
  get(target: Target): Promise<Cart | undefined>;
  add(target: Target, piece: Piece, signal: AbortSignal): Promise<Cart>;
  /** Sets a quantity; 0 takes the product out. */
  update(target: Target, piece: Piece): Promise<Cart>;
  remove(target: Target, productId: string): Promise<Cart>;
  /** Undefined as in `get`. 409 when the cart has another version than the one that is named. */
  clear(target: Target, version?: number): Promise<Cart | undefined>;
}

interface CartsParts {
  store: Store;
  rows: CartStore;
  catalogue: Catalogue;
  accounts: Accounts;
  clock: Clock;
  newId: ServiceParts['newId'];
}

export function createCarts(parts: CartsParts): Carts {
  const { store, rows } = parts;
  const find = (target: Target) => findCart(rows, store.read, target);
  return {
    get: find,
    add: async (target, { productId, quantity }, signal) => {
      const known = await find(target);
      if (target.kind === 'user' && known === undefined) {
        await parts.accounts.requireUser(target.userId, signal);
      }
      const product = await parts.catalogue.find(productId, signal);
      return await store.transaction(async (transaction) => {
        const cart = (await findCart(rows, transaction, target)) ?? (await open(parts, transaction, target));
        const line = cart.lines.find(({ product_id }) => product_id === product.id);
        return await change(parts, transaction, cart, async () => {
          await rows.putLine(transaction, {
            cart_id: cart.id,
            product_id: product.id,
            name: product.name,
            quantity: (line?.quantity ?? 0) + quantity,
            price: product.price,
          });
        });
      });
    },
    update: (target, { productId, quantity }) =>
      changeExisting(parts, target, async (transaction, cart) => {
        const line = cart.lines.find(({ product_id }) => product_id === productId);
        if (line === undefined) throw notInCart(productId);
        if (quantity === 0) await rows.deleteLine(transaction, cart.id, productId);
        else await rows.putLine(transaction, { ...line, quantity });
      }),
    remove: (target, productId) =>
      changeExisting(parts, target, async (transaction, cart) => {
        if (!(await rows.deleteLine(transaction, cart.id, productId))) throw notInCart(productId);
      }),
    clear: async (target, version) => {
      const known = await find(target);
      if (known === undefined) return undefined;
      return await changeExisting(parts, target, async (transaction, cart) => {
        if (version !== undefined && version !== cart.version) throw cartChanged(cart.version, version);
        await rows.deleteLines(transaction, cart.id);
      });
    },
  };
}

async function findCart(rows: CartStore, database: Store['read'] | Transaction, target: Target) {
  if (target.kind === 'new') return undefined;
  if (target.kind === 'user') {
    target.requireOwner(target.userId);
    return await rows.findOfUser(database, target.userId);
  }
  const cart = await rows.find(database, target.id);
  if (cart === undefined) throw notFound('cart', target.id);
  target.requireOwner(cart.user_id);
  return cart;
}

async function open({ rows, clock, newId }: CartsParts, transaction: Transaction, target: Target) {
  const cart = {
    id: await newId(transaction, 'carts'),
    user_id: target.kind === 'user' ? target.userId : null,
    version: 0,
    updated_at: timestamp(clock),
  };
  await rows.insert(transaction, cart);
  return { ...cart, lines: [] };
}

async function changeExisting(
  parts: CartsParts,
  target: Target,
  work: (transaction: Transaction, cart: Cart) => Promise<void>,
): Promise<Cart> {
  return await parts.store.transaction(async (transaction) => {
    const cart = await findCart(parts.rows, transaction, target);
    if (cart === undefined) throw notFound('cart', target.kind === 'user' ? target.userId : 'new');
    return await change(parts, transaction, cart, () => work(transaction, cart));
  });
}

/** Does the work and answers the cart after it; everything is undone when the cart would hold too much. */
async function change(
  { rows, clock }: CartsParts,
  transaction: Transaction,
  cart: Cart,
  work: () => Promise<void>,
): Promise<Cart> {
  await work();
  await rows.touch(transaction, { ...cart, version: cart.version + 1, updated_at: timestamp(clock) });
  const after = await rows.find(transaction, cart.id);
  if (after === undefined) throw new Error(`cart "${cart.id}" is gone in its own transaction`);
  requireRoom(after);
  return after;
}

function requireRoom({ lines }: Cart): void {
  if (lines.length > maxLines) throw cartFull(`A cart holds at most ${maxLines} products.`);
  if (lines.some(({ quantity }) => quantity > maxPieces)) {
    throw cartFull(`A cart holds at most ${maxPieces} pieces of a product.`);
  }
  if (subtotalOf(lines) > maxMinorUnits) throw cartFull('Nobody can pay for so much.');
}

/** Minor units. */
export function subtotalOf(lines: Cart['lines']): number {
  return lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
}
