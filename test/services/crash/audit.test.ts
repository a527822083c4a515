import { expect, it } from 'vitest';
import { expectOneMailOfEach, expectOneOrderOfEach } from './audit.ts';
import type { Books } from './books.ts';
import type { Receipt } from './customer.ts';
import type { Mail, PostBooks } from './post-books.ts';

const user_email = 'dana@example.com';
const order = { id: '1', status: 'confirmed', total: 500, items: '[]', idempotency_key: 'a', user_email };
const payment = { order_id: '1', amount: 500, status: 'completed', charge: 'captured', charged: 500 };
const mailOf = (kind: Mail['kind'], orderId = '1'): Mail => ({ orderId, kind, recipients: [user_email] });
const both = [mailOf('received'), mailOf('confirmed')];

const purchase = { items: undefined, cardToken: 'tok_ok', key: 'a' };
const receipt: Receipt = { purchase, status: 202, orderId: '1' };

type Written = Partial<{ orders: (typeof order)[]; payments: (typeof payment)[]; mails: Mail[] }>;

/** What an audit reads, for one good order unless told otherwise. */
function written({ orders = [order], payments = [payment], mails = both }: Written = {}): Books & PostBooks {
  const nothing = async () => [];
  return {
    underWay: nothing,
    stock: nothing,
    dead: nothing,
    notifications: nothing,
    mailCount: async () => mails.length,
    orders: async () => orders,
    payments: async () => payments,
    mails: async () => mails,
  };
}

const auditMails = (books: Books & PostBooks) => expectOneMailOfEach(books, books, 'none');

it('one order with its payment and both e-mails is as it should be', async () => {
  await auditMails(written());
  await expectOneOrderOfEach(written(), [receipt]);
});

it.each<[string, Written]>([
  ['a confirmation came twice', { mails: [...both, mailOf('confirmed')] }],
  ['a confirmation is missing', { mails: [mailOf('received')] }],
  ['nobody was told that the order was received', { mails: [mailOf('confirmed')] }],
  [
    'an order that failed was confirmed by e-mail',
    { orders: [{ ...order, status: 'failed' }], payments: [] },
  ],
  ['an order that failed kept its payment', { orders: [{ ...order, status: 'failed' }] }],
  ['it was paid twice', { payments: [payment, payment] }],
  ['somebody else got the e-mail', { orders: [{ ...order, user_email: 'erin@example.com' }] }],
  ['an e-mail is about no order', { mails: [...both, mailOf('received', '2')] }],
])('the audit of e-mails fails when %s', async (_what, wrong) => {
  await expect(auditMails(written(wrong))).rejects.toThrow();
});

it.each<[string, Written]>([
  ['the acknowledged order is not there', { orders: [] }],
  ['it has not ended', { orders: [{ ...order, status: 'paid' }] }],
  ['the same key has two confirmed orders', { orders: [order, { ...order, id: '2' }] }],
])('the audit of orders fails when %s', async (_what, wrong) => {
  await expect(expectOneOrderOfEach(written(wrong), [receipt])).rejects.toThrow();
});

const declined: Receipt = {
  purchase: { ...purchase, cardToken: 'tok_declined' },
  status: 402,
  orderId: undefined,
};
const failed = { orders: [{ ...order, status: 'failed' }], payments: [] };

it('a card that was declined since an attempt without an answer is as it should be', async () => {
  await expectOneOrderOfEach(written(failed), [declined]);
});

it.each<[string, Written, Receipt]>([
  ['a good card was declined', failed, { ...declined, purchase }],
  ['the order of a declined card is not there', { orders: [] }, declined],
  ['a purchase had no true answer', failed, { ...declined, status: 500 }],
])('the audit of answers fails when %s', async (_what, wrong, receipt) => {
  await expect(expectOneOrderOfEach(written(wrong), [receipt])).rejects.toThrow();
});
