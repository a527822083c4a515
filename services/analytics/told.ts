import { eventData, idText, parseMoney } from '../kit/index.ts';

/** What analytics keeps of the data of an event, and nothing else of it: no card, no name, no address. */
export interface Told {
  order_id?: string;
  user_id?: string;
  payment_id?: string;
  transaction_id?: string;
  /** `*@example.com`: enough to tell companies apart, and nobody. */
  email?: string;
  items?: Item[];
  /** Money as decimal text. */
  total?: string;
  amount?: string;
  status?: string;
  reason?: string;
  mode?: string;
  roles?: string[];
}

export interface Item {
  product_id: string;
  quantity: number;
}

type Id = string | number | null;
type Amount = string | number | null;

/** The members that mean something here, as other services send them. */
interface Sent {
  order_id?: Id;
  user_id?: Id;
  payment_id?: Id;
  transaction_id?: Id;
  user_email?: string | null;
  email?: string | null;
  items?: { product_id: string | number; quantity: number }[] | null;
  total?: Amount;
  amount?: Amount;
  status?: string | null;
  reason?: string | null;
  mode?: string | null;
  roles?: string[] | null;
}

const id = { type: ['string', 'integer', 'null'], minLength: 1, maxLength: 200 };
const amount = { type: ['string', 'number', 'null'] };
const word = { type: ['string', 'null'], maxLength: 100 };
const email = { type: ['string', 'null'], maxLength: 320 };
const item = {
  type: 'object',
  required: ['product_id', 'quantity'],
  properties: {
    product_id: { ...id, type: ['string', 'integer'] },
    quantity: { type: 'integer', minimum: 1, maximum: 1_000_000 },
  },
};

/** Further members are welcome, and dropped. */
const read = eventData<Sent>({
  type: 'object',
  properties: {
    order_id: id,
    user_id: id,
    payment_id: id,
    transaction_id: id,
    user_email: email,
    email,
    items: { type: ['array', 'null'], maxItems: 1_000, items: item },
    total: amount,
    amount,
    status: word,
    reason: { type: ['string', 'null'] },
    mode: word,
    roles: { type: ['array', 'null'], maxItems: 20, items: { type: 'string', maxLength: 50 } },
  },
});

/** Without their amount these would make the revenue wrong. */
const needAmount = ['payment.processed', 'payment.refunded'];

/** Reads the data of an event. Throws, without repeating a value, when it is not what it should be. */
export function readTold(data: unknown, type: string): Told {
  const sent = read(data);
  const { items, roles } = sent;
  const told: { [Name in keyof Told]: Told[Name] | undefined } = {
    order_id: idOf(sent.order_id),
    user_id: idOf(sent.user_id),
    payment_id: idOf(sent.payment_id),
    transaction_id: idOf(sent.transaction_id),
    email: domainOnly(sent.user_email ?? sent.email),
    items: items?.map(({ product_id, quantity }) => ({ product_id: idText(product_id), quantity })),
    total: amountOf(sent.total, '#/total'),
    amount: amountOf(sent.amount, '#/amount'),
    status: sent.status ?? undefined,
    reason: reasonOf(sent.reason),
    mode: sent.mode ?? undefined,
    roles: roles ?? undefined,
  };
  if (needAmount.includes(type) && told.amount === undefined) throw new Error('#/amount is missing');
  return withoutGaps(told);
}

function withoutGaps(told: { [Name in keyof Told]: Told[Name] | undefined }): Told {
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}

function idOf(value: Id | undefined): string | undefined {
  return value === undefined || value === null ? undefined : idText(value);
}

function amountOf(value: Amount | undefined, pointer: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  const minorUnits = parseMoney(value);
  if (minorUnits === undefined) throw new Error(`${pointer} is no amount with at most two decimals`);
  return String(value);
}

function domainOnly(address: string | null | undefined): string | undefined {
  const domain = /@([\w.-]{1,200})$/.exec(address ?? '')?.[1];
  return domain === undefined ? undefined : `*@${domain}`;
}

/** Sentences of other services may quote whom and what they are about. */
function reasonOf(text: string | null | undefined): string | undefined {
  return text
    ?.slice(0, 500)
    .replaceAll(/[\w.+-]{1,64}@[\w.-]{1,200}/g, '[e-mail]')
    .replaceAll(/\btok_\w+|\beyJ[\w.-]+/g, '[token]')
    .replaceAll(/\d(?:[ -]?\d){11,}/g, '[number]')
    .slice(0, 200);
}
