import { type Random, seededRandom } from '../../../services/kit/random.ts';
import type { Purchase } from './customer.ts';

export const people = ['alice', 'bob', 'charlie', 'test'];
export const customers = 20;
export const purchasesEach = 3;

/** Each purchase has chances of its own, so that what is bought does not depend on who is faster. */
export function purchasesOf(customer: number, seed: string): Purchase[] {
  return Array.from({ length: purchasesEach }, (_, number) => {
    const key = `customer-${customer}-purchase-${number}`;
    const random = seededRandom(`${seed} ${key}`);
    const isFromCart = number === 0 && customer < people.length;
    const cardToken = someCard(random);
    // Six products, of which one runs out.
    return { key, items: isFromCart ? undefined : someItems(random, 6), cardToken };
  });
}

/** A purchase of somebody who may think better of it: at once, or when the next one is made. */
export interface ManyPurchase extends Purchase {
  callOff: 'never' | 'at once' | 'later';
}

/** So many purchases that a tenth of a hundred products runs short; every fifth of what is in the cart. */
export function manyPurchasesOf(customer: number, count: number, seed: string): ManyPurchase[] {
  return Array.from({ length: count }, (_, number) => {
    const key = `customer-${customer}-purchase-${number}`;
    const random = seededRandom(`${seed} ${key}`);
    const cardToken = someCard(random);
    const items = number % 5 === 4 ? undefined : someItems(random, 40);
    const draw = random();
    return { key, items, cardToken, callOff: draw < 0.04 ? 'at once' : draw < 0.08 ? 'later' : 'never' };
  });
}

/** One that pays, mostly; one that is declined; one whose answer is lost. */
function someCard(random: Random): string {
  const draw = random();
  if (draw < 0.8) return 'tok_ok';
  return draw < 0.9 ? 'tok_declined' : 'tok_lost';
}

/** One or two of the first products. */
function someItems(random: Random, products: number) {
  const one = () => ({
    product_id: String(1 + Math.floor(random() * products)),
    quantity: 1 + Math.floor(random() * 4),
  });
  return random() < 0.5 ? [one()] : [one(), one()];
}
