import { type EventData, type EventType, eventTypes, readEvent } from '../kit/index.ts';

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
  roles?: readonly string[];
}

export interface Item {
  product_id: string;
  quantity: number;
}

const read = readEvent(...eventTypes);

/** Reads the data of an event. Throws, without repeating a value, when it is not what is documented. */
export function readTold(data: unknown, type: string): Told {
  return withoutGaps(keptOf(read(data, type)));
}

type Kept = { [Name in keyof Told]: Told[Name] | undefined };

function keptOf(data: EventData<EventType>): Kept {
  if ('roles' in data) {
    const { user_id, email, roles } = data;
    return { user_id, email: domainOnly(email), roles };
  }
  const { order_id, user_id, user_email, mode } = data;
  const about = { order_id, user_id, email: domainOnly(user_email), mode };
  const reason = 'reason' in data ? data.reason : undefined;
  if ('payment_id' in data) {
    const { payment_id, transaction_id, amount } = data;
    return { ...about, payment_id, transaction_id, amount, reason };
  }
  const { items, total, status } = data;
  const pieces = items.map(({ product_id, quantity }) => ({ product_id, quantity }));
  return { ...about, items: pieces, total, status, reason };
}

function withoutGaps(kept: Kept): Told {
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
}

function domainOnly(address: string | undefined): string | undefined {
  const domain = /@([\w.-]{1,200})$/.exec(address ?? '')?.[1];
  return domain === undefined ? undefined : `*@${domain}`;
}
