import type { EventType } from '../bus/index.ts';
import type { FromSchema, Schema } from './schema.ts';

/** As an id is written in the OpenAPI documents. */
const id = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' } as const;
const money = {
  type: 'string',
  description: 'An amount as a decimal string with exactly two digits after the point.',
  pattern: '^(0|[1-9]\\d{0,12})\\.\\d{2}$',
} as const;
const emailOfCustomer = {
  type: 'string',
  description: "The customer's e-mail address; absent where it is not known.",
  minLength: 3,
  maxLength: 320,
} as const;
const mode = {
  type: 'string',
  description:
    'async: the order is paid by whoever consumes its event. sync: whoever placed it pays it by a request.',
  enum: ['async', 'sync'],
} as const;
const reason = {
  type: 'string',
  description: "Why: the last part of a problem's type, such as card-declined.",
  pattern: '^[a-z][a-z0-9-]{0,99}$',
} as const;

const user = {
  type: 'object',
  description: 'The account as it is after what happened.',
  required: ['user_id', 'email', 'roles', 'username'],
  properties: {
    user_id: id,
    email: { type: 'string', minLength: 3 },
    roles: {
      type: 'array',
      items: { type: 'string', enum: ['customer', 'support', 'admin'] },
      minItems: 1,
      uniqueItems: true,
    },
    username: { type: 'string', minLength: 1, maxLength: 100 },
  },
} as const;

const orderNeeds = ['order_id', 'user_id', 'items', 'total', 'status', 'mode'] as const;
const orderMembers = {
  order_id: id,
  user_id: id,
  user_email: emailOfCustomer,
  items: {
    type: 'array',
    description: 'What has a product id; an order of things that have only names has none.',
    maxItems: 100,
    items: {
      type: 'object',
      required: ['product_id', 'quantity', 'price'],
      properties: {
        product_id: id,
        quantity: { type: 'integer', minimum: 1, maximum: 1_000_000 },
        price: money,
      },
    },
  },
  total: money,
  status: {
    type: 'string',
    description: 'The state of the order after what happened.',
    enum: [
      'created',
      'reserved',
      'paid',
      'confirmed',
      'shipped',
      'delivered',
      'cancelled',
      'failed',
      'refunded',
    ],
  },
  mode,
} as const;

const order = { type: 'object', required: orderNeeds, properties: orderMembers } as const;
const orderPlaced = {
  type: 'object',
  required: orderNeeds,
  properties: {
    ...orderMembers,
    payment_method: {
      type: 'object',
      description: 'What is to be charged: a token of the card gateway, never a card.',
      required: ['type', 'token'],
      properties: {
        type: { type: 'string', enum: ['card'] },
        token: { type: 'string', pattern: '^tok_[a-z_]{1,40}$' },
      },
    },
  },
} as const;
const orderEnded = {
  type: 'object',
  required: orderNeeds,
  properties: { ...orderMembers, reason },
} as const;

const paymentNeeds = ['payment_id', 'order_id', 'user_id', 'amount', 'method', 'mode'] as const;
const payment = {
  type: 'object',
  required: paymentNeeds,
  properties: {
    payment_id: id,
    order_id: id,
    user_id: id,
    user_email: emailOfCustomer,
    amount: money,
    method: { type: 'string', description: 'Where the money comes from.', enum: ['balance', 'card'] },
    mode,
    transaction_id: {
      type: 'string',
      description: 'What the card gateway calls it.',
      minLength: 1,
      maxLength: 100,
    },
    reason,
  },
} as const;

/**
 * What each event holds. From here come the types that publishers are compiled against, what consumers check, and
 * `contracts/asyncapi` (`npm run schemas`). Further members may be added any time, so consumers ignore unknown ones.
 */
export const dataSchemas = {
  'user.created': user,
  'user.updated': user,
  'order.created': orderPlaced,
  'order.paid': order,
  'order.confirmed': order,
  'order.cancelled': orderEnded,
  'order.failed': orderEnded,
  'order.shipped': order,
  'payment.processed': payment,
  'payment.failed': payment,
  'payment.refunded': payment,
} as const satisfies Record<EventType, Schema>;

/** The schemas by the names that the AsyncAPI document gives them. */
export const namedSchemas = { user, order, orderPlaced, orderEnded, payment } as const;

/** The data of an event of that type. */
export type EventData<Type extends EventType> = FromSchema<(typeof dataSchemas)[Type]>;
