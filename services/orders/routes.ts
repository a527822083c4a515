import {
  type Identity,
  idText,
  invalidRequest,
  mayActFor,
  type Page,
  pageOf,
  type Route,
  requireActFor,
  requireMoney,
  requirePositiveMoney,
  requireRole,
  route,
} from '../kit/index.ts';
import { orderBody } from './bodies.ts';
import type { AsyncCheckout, Cancelling, Checkout } from './checkout/index.ts';
import type { Orders } from './orders.ts';
import type { OrderStatus } from './status.ts';
import type { Item } from './store.ts';

type IdInput = string | number;
type NewItemBody = string | { product_id: IdInput; quantity: number; price: string | number };

interface NewOrderBody {
  user_id: IdInput;
  items: NewItemBody[];
  total_amount: string | number;
}

interface CheckoutBody {
  user_id?: IdInput;
  items?: { product_id: IdInput; quantity: number }[];
  shipping_address?: unknown;
  payment_method: { type: 'card'; token: string };
}

interface AsyncCheckoutBody {
  user_id?: IdInput;
  user_email?: string;
  items?: { product_id: IdInput; quantity: number; price?: string | number }[];
  shipping_address?: unknown;
  payment_method?: { type: 'card'; token: string };
}

interface RoutesParts {
  orders: Orders;
  checkout: Checkout;
  asyncCheckout: AsyncCheckout;
  cancelling: Cancelling;
}

/** What the orders service answers, as `contracts/openapi/orders.yaml` describes it. */
export function ordersRoutes(parts: RoutesParts): Route[] {
  return [...plainRoutes(parts), ...checkoutRoutes(parts)];
}

/** Orders that are written down as they are told, and moved by whoever looks after them. */
function plainRoutes({ orders, cancelling }: RoutesParts): Route[] {
  return [
    route('GET', '/api/orders', (call) => listFor(orders, call.identity, pageOf(call))),
    route<NewOrderBody>('POST', '/api/orders', async ({ body, identity, signal }) => {
      const userId = idText(body.user_id);
      requireActFor(identity, userId);
      const total = requirePositiveMoney(body.total_amount, '#/total_amount');
      const order = await orders.create({ userId, items: body.items.map(readItem), total }, signal);
      return { status: 201, body: orderBody(order), headers: { location: `/api/orders/${order.id}` } };
    }),
    route('GET', '/api/orders/{id}', ({ identity, path }) => one(orders, identity, path('id'))),
    route<{ status: OrderStatus }>('PUT', '/api/orders/{id}/status', ({ identity, path, body }) =>
      move({ orders, cancelling }, identity, { id: path('id'), status: body.status }),
    ),
    route('GET', '/api/users/{id}/orders', async (call) => {
      requireActFor(call.identity, call.path('id'));
      return await listOfUser(orders, call.path('id'), pageOf(call));
    }),
  ];
}

/** Orders that are bought: reserved, paid by card, confirmed, and called off again. */
function checkoutRoutes({ orders, checkout, asyncCheckout, cancelling }: RoutesParts): Route[] {
  const cancel = async (identity: Identity, id: string) => {
    requireActFor(identity, (await orders.get(id)).user_id);
    return { status: 200, body: orderBody(await cancelling.cancel(id)) };
  };
  return [
    route('GET', '/orders', (call) => listFor(orders, call.identity, pageOf(call))),
    route<CheckoutBody>('POST', '/orders', async ({ body, identity, header, signal }) => {
      const userId = buyer(identity, body.user_id);
      return await checkout.place({
        userId,
        items: body.items?.map(({ product_id, quantity }) => ({ product_id: idText(product_id), quantity })),
        shippingAddress: body.shipping_address,
        cardToken: body.payment_method.token,
        key: header('idempotency-key'),
        signal,
      });
    }),
    route<AsyncCheckoutBody>('POST', '/checkout', async ({ body, identity, header, signal }) => {
      const userId = buyer(identity, body.user_id);
      return await asyncCheckout.accept({
        userId,
        email: body.user_email,
        items: body.items?.map(readPriced),
        shippingAddress: body.shipping_address,
        cardToken: body.payment_method?.token,
        key: header('idempotency-key'),
        signal,
      });
    }),
    route('GET', '/orders/{id}', ({ identity, path }) => one(orders, identity, path('id'))),
    route('DELETE', '/orders/{id}', ({ identity, path }) => cancel(identity, path('id'))),
    route('POST', '/orders/{id}/cancel', ({ identity, path }) => cancel(identity, path('id'))),
    route<{ status: OrderStatus }>('PUT', '/orders/{id}/status', ({ identity, path, body }) =>
      move({ orders, cancelling }, identity, { id: path('id'), status: body.status }),
    ),
  ];
}

/** Whoever has an account buys for themselves unless they say otherwise. Throws 400 and 403. */
function buyer(identity: Identity, named: IdInput | undefined): string {
  const userId = named ?? (identity.kind === 'user' ? identity.id : undefined);
  if (userId === undefined) throw invalidRequest([{ pointer: '#/user_id', message: 'is required' }]);
  requireActFor(identity, idText(userId));
  return idText(userId);
}

async function one(orders: Orders, identity: Identity, id: string) {
  const order = await orders.get(id);
  requireActFor(identity, order.user_id);
  return { status: 200, body: orderBody(order) };
}

async function move(
  { orders, cancelling }: Pick<RoutesParts, 'orders' | 'cancelling'>,
  identity: Identity,
  { id, status }: { id: string; status: OrderStatus },
) {
  requireRole(identity, 'support', 'admin', 'service');
  // What was bought is not refunded by saying so: money and stock have to go back.
  const isUndone = (status === 'refunded' || status === 'cancelled') && (await orders.isBought(id));
  const order = isUndone ? await cancelling.takeBack(id) : await orders.setStatus(id, status);
  return { status: 200, body: orderBody(order) };
}

/** Who may not see everybody's orders sees their own. */
async function listFor(orders: Orders, identity: Identity, page: Page) {
  if (identity.id !== undefined && !mayActFor(identity, ''))
    return await listOfUser(orders, identity.id, page);
  const { rows, total } = await orders.list(page);
  return { status: 200, body: { orders: rows.map(orderBody), total, ...page } };
}

async function listOfUser(orders: Orders, userId: string, page: Page) {
  const { rows, total } = await orders.listOfUser(userId, page);
  return { status: 200, body: { orders: rows.map(orderBody), total, ...page } };
}

function readPriced(
  { product_id, quantity, price }: NonNullable<AsyncCheckoutBody['items']>[number],
  index: number,
) {
  const expected = price === undefined ? {} : { price: requireMoney(price, `#/items/${index}/price`) };
  return { product_id: idText(product_id), quantity, ...expected };
}

function readItem(item: NewItemBody, index: number): Item {
  if (typeof item === 'string') return item;
  return {
    product_id: idText(item.product_id),
    quantity: item.quantity,
    price: requireMoney(item.price, `#/items/${index}/price`),
  };
}
