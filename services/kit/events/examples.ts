import type { EventType } from '../bus/index.ts';
import type { EventData } from './data.ts';

const alice = {
  user_id: '1',
  email: 'alice@example.com',
  roles: ['customer'],
  username: 'alice',
} as const satisfies EventData<'user.created'>;

const order = {
  order_id: '019aa8f0-5c1e-7d27-9f0c-3d2b6f0e8a11',
  user_id: '1',
  user_email: 'alice@example.com',
  items: [{ product_id: '7', quantity: 1, price: '299.99' }],
  total: '299.99',
  mode: 'async',
} as const;

const payment = {
  payment_id: '019aa8f0-5f02-7a10-8e55-0c1d2e3f4a5b',
  order_id: order.order_id,
  user_id: order.user_id,
  user_email: order.user_email,
  amount: order.total,
  method: 'card',
  mode: 'async',
} as const;

/** An event of each type, as the document shows it. */
export const examples: { readonly [Type in EventType]: EventData<Type> } = {
  'user.created': alice,
  'user.updated': { ...alice, roles: ['customer', 'support'] },
  'order.created': {
    ...order,
    status: 'reserved',
    payment_method: { type: 'card', token: 'tok_ok' },
  },
  'order.paid': { ...order, status: 'paid' },
  'order.confirmed': { ...order, status: 'confirmed' },
  'order.cancelled': { ...order, status: 'cancelled', reason: 'called-off' },
  'order.failed': { ...order, status: 'failed', reason: 'card-declined' },
  'order.shipped': { ...order, status: 'shipped' },
  'payment.processed': { ...payment, transaction_id: 'txn_8a41' },
  'payment.failed': { ...payment, reason: 'card-declined' },
  'payment.refunded': { ...payment, transaction_id: 'txn_8a41' },
};

/** What has happened, in a sentence for each type. */
export const meanings: Readonly<Record<EventType, string>> = {
  'user.created': 'Somebody has an account.',
  'user.updated': 'The e-mail address, the roles or the profile of an account have changed.',
  'order.created': 'An order was placed, and its stock is reserved where there is an inventory.',
  'order.paid': 'An order was paid.',
  'order.confirmed': 'An order was paid and its stock is sold.',
  'order.cancelled': 'An order was called off; it keeps neither stock nor money.',
  'order.failed': 'An order came to nothing; it keeps neither stock nor money.',
  'order.shipped': 'An order is on its way.',
  'payment.processed': 'The money for an order was taken.',
  'payment.failed': 'The money for an order could not be taken, and nothing was.',
  'payment.refunded': 'The money for an order was given back.',
};
