import { formatMoney, idText, invalidRequest, type Route, route } from '../kit/index.ts';
import { type Carts, subtotalOf } from './carts.ts';
import type { Cart } from './store.ts';
import { cartWithId, namedOrNewTarget, namedTarget, type Target } from './target.ts';

type IdInput = string | number;

interface Named {
  user_id?: IdInput;
  cart_id?: IdInput;
}

interface Piece extends Named {
  product_id: IdInput;
  quantity: number;
}

/** What the cart service answers, as `contracts/openapi/cart.yaml` describes it. */
export function cartRoutes(carts: Carts): Route[] {
  return [
    route('GET', '/cart', async ({ identity, query }) => {
      const target = namedTarget(identity, { user_id: query('user_id'), cart_id: query('cart_id') });
      return answer(await carts.get(target), target);
    }),
    route<Piece>('POST', '/cart/add', async ({ identity, body, signal }) => {
      const target = namedOrNewTarget(identity, body);
      return answer(await carts.add(target, readPiece(body), signal), target);
    }),
    route<Piece>('PUT', '/cart/update', async ({ identity, body }) => {
      const target = namedTarget(identity, body);
      return answer(await carts.update(target, readPiece(body)), target);
    }),
    route<(Named & { product_id: IdInput }) | undefined>(
      'DELETE',
      '/cart/remove',
      async ({ identity, body, query }) => {
        const productId = body?.product_id ?? query('product_id');
        if (productId === undefined) {
          throw invalidRequest([{ pointer: 'query/product_id', message: 'is required without a body' }]);
        }
        const target = namedTarget(identity, {
          user_id: body?.user_id ?? query('user_id'),
          cart_id: body?.cart_id ?? query('cart_id'),
        });
        return answer(await carts.remove(target, idText(productId)), target);
      },
    ),
    route<(Named & { version?: number }) | undefined>('POST', '/cart/clear', async ({ identity, body }) => {
      const target = namedTarget(identity, { ...body });
      return answer(await carts.clear(target, body?.version), target);
    }),
    route('GET', '/cart/{id}', async ({ identity, path }) => {
      const target = cartWithId(identity, path('id'));
      return answer(await carts.get(target), target);
    }),
    route('DELETE', '/cart/{id}', async ({ identity, path }) => {
      const target = cartWithId(identity, path('id'));
      return answer(await carts.clear(target), target);
    }),
  ];
}

function readPiece(body: Piece) {
  return { productId: idText(body.product_id), quantity: body.quantity };
}

/** Whoever has not put anything in yet has an empty cart without an id. */
function answer(cart: Cart | undefined, target: Target) {
  const userId = target.kind === 'user' ? target.userId : null;
  const empty = { id: null, user_id: userId, version: 0, updated_at: null };
  const { id, user_id, version, updated_at } = cart ?? empty;
  const lines = cart?.lines ?? [];
  return {
    status: 200,
    body: {
      id,
      user_id,
      items: lines.map(({ product_id, name, quantity, price }) => ({
        product_id,
        name,
        quantity,
        price: formatMoney(price),
        subtotal: formatMoney(price * quantity),
      })),
      subtotal: formatMoney(subtotalOf(lines)),
      version,
      updated_at,
    },
  };
}
