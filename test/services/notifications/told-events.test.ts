import { expect, it } from 'vitest';
import { readToldEvents } from '../../../services/notifications/told-events.ts';

it.each([
  ['order.created,payment.processed', ['order.created', 'payment.processed']],
  ['payment.processed, order.created', ['order.created', 'payment.processed']],
  ['payment.processed', ['payment.processed']],
])('"%s" names events of which customers are told', (text, events) => {
  expect(readToldEvents(text)).toEqual(events);
});

it.each(['', ',', 'order.shipped', 'order.created,order.created', 'order.created;payment.processed'])(
  '"%s" is no such list',
  (text) => {
    expect(readToldEvents(text)).toBeUndefined();
  },
);
