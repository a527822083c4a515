import { minorUnits } from './amounts.ts';
import { type Movement, type OrderMetric, type Status, sumOf } from './order-metric.ts';

/** The sums that are kept of all orders, by table; every column that is not listed is a part of the key. */
export const sums = {
  revenue_days: ['payments', 'refunds', 'processed', 'refunded'],
  status_counts: ['orders'],
  user_numbers: ['orders', 'paid_orders', 'spent'],
  user_products: ['quantity'],
} as const;

export type SumTable = keyof typeof sums;

/** What one order adds to one row of a sum. */
export interface Contribution {
  table: SumTable;
  key: Readonly<Record<string, string>>;
  /** Whole numbers; money in minor units. */
  amounts: Readonly<Record<string, number>>;
}

/** What an order adds to the sums. It follows from the document alone, so that it can be taken away again. */
export function contributionsOf(metric: OrderMetric | undefined): Contribution[] {
  if (metric === undefined) return [];
  const { userId, metadata } = metric;
  const { status, payments, refunds, items } = metadata;
  const numbers = {
    orders: 1,
    paid_orders: payments.length > 0 ? 1 : 0,
    spent: sumOf(payments) - sumOf(refunds),
  };
  return [
    ...payments.map((payment) => ofDay(payment, (processed) => ({ payments: 1, processed }))),
    ...refunds.map((refund) => ofDay(refund, (refunded) => ({ refunds: 1, refunded }))),
    { table: 'status_counts', key: { status }, amounts: { orders: 1 } },
    ...(userId === null
      ? []
      : [
          { table: 'user_numbers', key: { user_id: userId }, amounts: numbers } as const,
          ...(isBought(status) ? items : []).map(
            ({ product_id, quantity }) =>
              ({
                table: 'user_products',
                key: { user_id: userId, product_id },
                amounts: { quantity },
              }) as const,
          ),
        ]),
  ];
}

function ofDay(
  { time, amount }: Movement,
  amountsOf: (minor: number) => Record<string, number>,
): Contribution {
  return { table: 'revenue_days', key: { day: time.slice(0, 10) }, amounts: amountsOf(minorUnits(amount)) };
}

/** What was ordered and not paid, or given back, is nobody's favourite. */
function isBought(status: Status): boolean {
  return status === 'paid' || status === 'confirmed' || status === 'shipped';
}

/** What has to be added to the sums when `before` becomes `now`; rows to which nothing is added are left out. */
export function differenceOf(before: readonly Contribution[], now: readonly Contribution[]): Contribution[] {
  const rows = new Map<
    string,
    { table: SumTable; key: Contribution['key']; amounts: Record<string, number> }
  >();
  const add = ({ table, key, amounts }: Contribution, sign: 1 | -1) => {
    const name = JSON.stringify([table, ...Object.values(key)]);
    const row = rows.get(name) ?? { table, key, amounts: {} };
    for (const [column, amount] of Object.entries(amounts))
      row.amounts[column] = (row.amounts[column] ?? 0) + sign * amount;
    rows.set(name, row);
  };
  for (const contribution of now) add(contribution, 1);
  for (const contribution of before) add(contribution, -1);
  return [...rows.values()].filter(({ amounts }) => Object.values(amounts).some((amount) => amount !== 0));
}
