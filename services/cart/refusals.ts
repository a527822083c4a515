import { Problem } from '../kit/index.ts';

/** What a cart holds at most. */
export const maxLines = 100;
export const maxPieces = 10_000;

export function cartFull(detail: string): Problem {
  return new Problem({ status: 409, kind: 'cart-full', title: 'The cart is full', detail });
}

export function notInCart(productId: string): Problem {
  return new Problem({
    status: 404,
    kind: 'not-in-cart',
    title: 'The product is not in the cart',
    detail: `The product "${productId}" is not in the cart.`,
  });
}

export function cartChanged(version: number, expected: number): Problem {
  return new Problem({
    status: 409,
    kind: 'cart-changed',
    title: 'The cart was changed meanwhile',
    detail: `The cart has the version ${version}, not ${expected}.`,
  });
}
