import { notFound, Problem } from '../kit/index.ts';
import type { ReservationRow, StockRow } from './store.ts';

export function unknownProduct(productId: string): Problem {
  return notFound('product', productId);
}

export function insufficientStock({ product_id, available }: StockRow, requested: number): Problem {
  return new Problem({
    status: 409,
    kind: 'insufficient-stock',
    title: 'There is not enough stock',
    detail: `Of product "${product_id}" ${available} are available, not ${requested}; nothing was reserved.`,
    members: { product_id, available, requested },
  });
}

export function otherItems({ order_id, status }: ReservationRow): Problem {
  return new Problem({
    status: 409,
    kind: 'reservation-differs',
    title: 'The order has reserved other items',
    detail: `Order "${order_id}" already has a reservation of other items.`,
    members: { reservation_status: status },
  });
}

export function reservationEnded({ order_id, status }: ReservationRow): Problem {
  return new Problem({
    status: 409,
    kind: 'reservation-ended',
    title: 'The reservation has ended',
    detail: `The reservation of order "${order_id}" is ${status}; its stock is free again.`,
    members: { reservation_status: status },
  });
}
