import {
  type Identity,
  idText,
  invalidRequest,
  type Route,
  requireActFor,
  requireMoney,
  route,
} from '../kit/index.ts';
import type { BlockingCheckout } from './checkout.ts';

type IdInput = string | number;

interface CheckoutBody {
  user_id?: IdInput;
  user_email?: string;
  items: { product_id: IdInput; quantity: number; price?: string | number }[];
  shipping_address?: unknown;
  payment_method?: { type: 'card'; token: string };
}

/** The card that is charged where none is named. */
const defaultCard = 'tok_ok';

/** What the monolith answers besides its modules, as `contracts/openapi/monolith.yaml` describes it. */
export function monolithRoutes(checkout: BlockingCheckout): Route[] {
  return [
    route<CheckoutBody>('POST', '/checkout', async ({ body, identity, header, signal }) => {
      return await checkout.place({
        userId: buyer(identity, body.user_id),
        email: body.user_email,
        items: body.items.map(({ product_id, quantity, price }, index) => ({
          product_id: idText(product_id),
          quantity,
          price: price === undefined ? undefined : requireMoney(price, `#/items/${index}/price`),
        })),
        shippingAddress: body.shipping_address,
        cardToken: body.payment_method?.token ?? defaultCard,
        key: header('idempotency-key'),
        signal,
      });
    }),
  ];
}

/** Whoever has an account buys for themselves unless they say otherwise. Throws 400 and 403. */
function buyer(identity: Identity, named: IdInput | undefined): string {
  const userId = named ?? (identity.kind === 'user' ? identity.id : undefined);
  if (userId === undefined) throw invalidRequest([{ pointer: '#/user_id', message: 'is required' }]);
  requireActFor(identity, idText(userId));
  return idText(userId);
}
