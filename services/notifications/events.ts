import { type Bus, readEvent, type Transaction } from '../kit/index.ts';
import type { Data } from './content.ts';
import type { Notifications } from './notifications.ts';
import type { ToldEvent } from './told-events.ts';

/**
 * What of the shop's events customers are told. An event without an address that can be one is noted as a failed
 * notification: it fits its contract, nobody could mend it among the dead letters, and whoever looks after the customer
 * looks here. A template that was removed, or asks for more than the event has, can be mended: that is an error, and the
 * event is tried again and ends with the dead letters.
 *
 * Events of which nobody is to be told are taken from their queue all the same, so that they do not pile up there.
 */
export function consumeEvents(bus: Bus, notifications: Notifications, told: readonly ToldEvent[]): void {
  const mail = async (about: AboutOrder, template: string, data: Data, transaction: Transaction) => {
    const { order_id, user_id: userId, user_email: recipient } = about;
    // The order and not the event, so that an order has one e-mail of each kind whatever is published again. No id of
    // an event or of a notification has a slash.
    const key = `orders/${order_id}`;
    const content = { channel: 'email', template, data: { ...data, order_id } } as const;
    await notifications.notifyOrNote({ key, userId, recipient, ...content }, transaction);
  };
  bus.consume({
    queue: 'notifications.order.created',
    read: readPlaced,
    handle: async ({ data }, transaction) => {
      if (told.includes('order.created'))
        await mail(data, 'order-received', { total: data.total }, transaction);
    },
  });
  bus.consume({
    queue: 'notifications.payment.processed',
    read: readPaid,
    handle: async ({ data }, transaction) => {
      if (told.includes('payment.processed'))
        await mail(data, 'order-confirmed', { amount: data.amount }, transaction);
    },
  });
}

interface AboutOrder {
  order_id: string;
  user_id: string;
  user_email?: string;
}

const readPlaced = readEvent('order.created');
const readPaid = readEvent('payment.processed');
