import {
  type Clock,
  createUpstream,
  formatMoney,
  type Outcome,
  Problem,
  parseMoney,
  type ServiceParts,
  type Upstream,
  type UpstreamAnswer,
  upstreamNonsense,
} from '../kit/index.ts';

/** What somebody buys; `price` in minor units, where whoever buys said one. */
interface Purchase {
  userId: string;
  /** Where the confirmation goes; undefined: to the address of the user. */
  email: string | undefined;
  items: readonly { product_id: string; quantity: number; price: number | undefined }[];
  shippingAddress: unknown;
  cardToken: string;
  key: string | undefined;
  signal: AbortSignal;
}

/** Buys while whoever buys waits: the order, then its payment, then the e-mail about both. */
export interface BlockingCheckout {
  /**
   * The confirmed order, and what became of the e-mail (201). Throws 402, 404, 409 and 422 as the modules do, and 502 to
   * 504 when one of them does not answer; the same request with the same key is then safe.
   */
  place(asked: Purchase): Promise<Outcome>;
  close(): Promise<void>;
}

/** Longer than order, payment and their retries take; whoever buys waits for all of it. */
const patienceMs = 60_000;
/** How long an e-mail may take before the answer says that it is still on its way. */
const mailPatienceMs = 30_000;
const lookEveryMs = 20;

export function createBlockingCheckout(
  parts: ServiceParts,
  urls: Readonly<Record<string, string>>,
): BlockingCheckout {
  const upstream = (name: string) =>
    createUpstream({ ...parts, name, baseUrl: `${urls[name]}`, timeoutMs: patienceMs, attempts: 1 });
  const [products, orders, notifications] = [
    upstream('products'),
    upstream('orders'),
    upstream('notifications'),
  ];
  return {
    place: async (asked) => {
      await requirePrices(products, asked);
      const order = await buy(orders, asked);
      const sent = await confirmByMail(notifications, order, { asked, clock: parts.clock });
      const headers = { location: `/orders/${order.order_id}` };
      return { status: 201, body: { ...order, ...sent }, headers };
    },
    close: async () => {
      await Promise.all([products.close(), orders.close(), notifications.close()]);
    },
  };
}

/** Throws 404 for what is not sold, and 409 for what is sold at another price than whoever buys has in mind. */
async function requirePrices(products: Upstream, { items, signal }: Purchase): Promise<void> {
  for (const { product_id, price } of items) {
    if (price === undefined) continue;
    const path = `/products/${encodeURIComponent(product_id)}`;
    const answer = await products.call({ method: 'GET', path, signal });
    const current = parseMoney(member(accepted(products, answer, 200), 'price'));
    if (current === undefined) throw upstreamNonsense('products', 'answered a product without a price');
    if (current === price) continue;
    throw new Problem({
      status: 409,
      kind: 'other-price',
      title: 'The price is another one by now',
      detail: `Product "${product_id}" costs ${formatMoney(current)} and not ${formatMoney(price)}.`,
      members: { product_id },
    });
  }
}

interface PlacedOrder {
  order_id: string;
  user_id: string;
  user_email: string;
  items: unknown;
  total: string;
  status: string;
}

/** The order, its stock and its payment, as the orders module does it. */
async function buy(orders: Upstream, asked: Purchase): Promise<PlacedOrder> {
  const { userId, items, shippingAddress, cardToken, key, signal } = asked;
  const answer = await orders.call({
    method: 'POST',
    path: '/orders',
    body: {
      user_id: userId,
      items: items.map(({ product_id, quantity }) => ({ product_id, quantity })),
      ...(shippingAddress === undefined ? {} : { shipping_address: shippingAddress }),
      payment_method: { type: 'card', token: cardToken },
    },
    ...(key === undefined ? {} : { idempotencyKey: key }),
    signal,
  });
  const body = accepted(orders, answer, 201);
  const text = (name: string) => {
    const value = member(body, name);
    if (typeof value === 'string') return value;
    throw upstreamNonsense('orders', `answered an order without ${name}`);
  };
  return {
    order_id: text('id'),
    user_id: text('user_id'),
    user_email: asked.email ?? text('user_email'),
    items: member(body, 'items'),
    total: text('total'),
    status: text('status'),
  };
}

interface Waiting {
  asked: Purchase;
  clock: Clock;
}

/** Waits until the e-mail is out. What cannot be sent now does not undo what was paid: then the answer says so. */
async function confirmByMail(notifications: Upstream, order: PlacedOrder, { asked, clock }: Waiting) {
  const { signal } = asked;
  const created = await notifications.call({
    method: 'POST',
    path: '/notifications',
    body: {
      user_id: order.user_id,
      type: 'email',
      recipient: order.user_email,
      template: 'order-confirmed',
      data: { order_id: order.order_id, amount: order.total },
    },
    idempotencyKey: `order:${order.order_id}:confirmation`,
    signal,
  });
  if (created.status === 400) return { email: 'failed' };
  const id = String(member(accepted(notifications, created, 202), 'id'));
  const path = `/notifications/${encodeURIComponent(id)}`;
  for (const untilMs = clock.now() + mailPatienceMs; ; ) {
    const answer = await notifications.call({ method: 'GET', path, signal });
    const status = String(member(accepted(notifications, answer, 200), 'status'));
    if (status !== 'pending' || clock.now() >= untilMs) return { notification_id: id, email: status };
    await clock.sleep(lookEveryMs, signal);
  }
}

/** The body of the answer that was hoped for. Throws any other in its own words. */
function accepted({ name }: Upstream, { status, body }: UpstreamAnswer, wanted: number): unknown {
  if (status === wanted) return body;
  const text = (key: string) => {
    const value = member(body, key);
    return typeof value === 'string' ? value : undefined;
  };
  const kind = text('type')?.split(':').at(-1);
  const title = text('title');
  const detail = text('detail');
  if (status < 400 || kind === undefined || title === undefined || detail === undefined)
    throw upstreamNonsense(name, `answered ${status}`);
  const told = ['product_id', 'available', 'requested', 'order_id', 'errors'];
  const members = told.flatMap((key) => (member(body, key) === undefined ? [] : [[key, member(body, key)]]));
  throw new Problem({ status, kind, title, detail, members: Object.fromEntries(members) });
}

function member(body: unknown, name: string): unknown {
  const members: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  return members[name];
}
