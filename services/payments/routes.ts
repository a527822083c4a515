import {
  type Identity,
  idText,
  mayActFor,
  notFound,
  type Page,
  pageOf,
  type Route,
  requireActFor,
  requirePositiveMoney,
  requireRole,
  route,
} from '../kit/index.ts';
import { paymentBody } from './bodies.ts';
import type { CardGateway } from './cards/index.ts';
import type { Closing } from './closing.ts';
import type { Payments } from './payments.ts';
import type { Refunds } from './refunds.ts';
import type { PaymentRow, PaymentsStore } from './store.ts';

interface RoutesParts {
  payments: Payments;
  refunds: Refunds;
  closing: Closing;
  gateway: CardGateway;
  rows: PaymentsStore;
}

type IdInput = string | number;

interface PaymentMethod {
  type: 'card';
  token: string;
}

interface NewCardPayment {
  order_id: IdInput;
  user_id: IdInput;
  user_email?: string;
  amount: string | number;
  payment_method: PaymentMethod;
}

/** What the payments service answers, as `contracts/openapi/payments.yaml` describes it. */
export function paymentsRoutes(parts: RoutesParts): Route[] {
  return [...balanceRoutes(parts), ...cardRoutes(parts)];
}

/** Payments from the balance of a user, for orders that this service asks and tells. */
function balanceRoutes({ payments, refunds, rows }: RoutesParts): Route[] {
  return [
    route('GET', '/api/payments', async (call) => {
      const page = pageOf(call);
      // Who may not see everybody's payments sees their own.
      const { identity } = call;
      if (identity.id === undefined || mayActFor(identity, '')) return await listAll(rows, page);
      return await listOfUser(rows, identity.id, page);
    }),
    route<{ order_id: IdInput; user_id: IdInput }>('POST', '/api/payments', async (call) => {
      const { order_id, user_id } = call.body;
      requireActFor(call.identity, idText(user_id));
      const key = call.header('idempotency-key');
      return await payments.pay({
        orderId: idText(order_id),
        userId: idText(user_id),
        key,
        signal: call.signal,
      });
    }),
    route('GET', '/api/payments/{id}', async ({ identity, path }) => {
      const payment = await requirePayment(rows, path('id'));
      requireActFor(identity, payment.user_id);
      return { status: 200, body: paymentBody(payment) };
    }),
    route('GET', '/api/users/{id}/payments', async (call) => {
      requireActFor(call.identity, call.path('id'));
      return await listOfUser(rows, call.path('id'), pageOf(call));
    }),
    route<{ payment_id: IdInput }>('POST', '/api/refund', async (call) => {
      const paymentId = idText(call.body.payment_id);
      requireRefunder(call.identity, await requirePayment(rows, paymentId));
      return await refunds.refund({ paymentId, key: call.header('idempotency-key'), signal: call.signal });
    }),
  ];
}

/** Payments by card, for whoever says what they are for. */
function cardRoutes({ payments, refunds, closing, gateway, rows }: RoutesParts): Route[] {
  return [
    route<NewCardPayment>('POST', '/payment/process', async ({ body, identity, header, signal }) => {
      const userId = idText(body.user_id);
      requireActFor(identity, userId);
      const amount = requirePositiveMoney(body.amount, '#/amount');
      return await payments.pay({
        orderId: idText(body.order_id),
        userId,
        key: header('idempotency-key'),
        signal,
        card: { amount, token: body.payment_method.token },
        email: body.user_email,
      });
    }),
    route<{ payment_method: PaymentMethod }>('POST', '/payment/validate', async ({ body }) => {
      const why = gateway.check(body.payment_method.token);
      return { status: 200, body: why === undefined ? { valid: true } : { valid: false, reason: why } };
    }),
    route<{ payment_id?: IdInput; order_id?: IdInput }>('POST', '/payment/refund', async (call) => {
      requireRole(call.identity, 'support', 'admin', 'service');
      const { payment_id, order_id } = call.body;
      if (order_id !== undefined) return await closing.close(idText(order_id), call.signal);
      const paymentId = idText(payment_id ?? '');
      await requirePayment(rows, paymentId);
      return await refunds.refund({ paymentId, key: call.header('idempotency-key'), signal: call.signal });
    }),
  ];
}

/** The order of a card payment does not hear of a refund, so only those who look after orders may ask for one. */
function requireRefunder(identity: Identity, payment: PaymentRow): void {
  requireActFor(identity, payment.user_id);
  if (payment.method === 'card') requireRole(identity, 'support', 'admin', 'service');
}

async function requirePayment(rows: PaymentsStore, id: string): Promise<PaymentRow> {
  const payment = await rows.find(id);
  if (payment === undefined) throw notFound('payment', id);
  return payment;
}

async function listAll(rows: PaymentsStore, page: Page) {
  const { rows: payments, total } = await rows.list(page);
  return { status: 200, body: { payments: payments.map(paymentBody), total, ...page } };
}

async function listOfUser(rows: PaymentsStore, userId: string, page: Page) {
  const { rows: payments, total } = await rows.listOfUser(userId, page);
  return { status: 200, body: { payments: payments.map(paymentBody), total, ...page } };
}
