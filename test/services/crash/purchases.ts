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
    const draw = random();
    return {
      key,
      items: isFromCart ? undefined : someItems(random),
      cardToken: draw < 0.8 ? 'tok_ok' : draw < 0.9 ? 'tok_declined' : 'tok_lost',
    };
  });
}

/** One or two of six products, of which one runs out. */
function someItems(random: Random) {
  const one = () => ({
    product_id: String(1 + Math.floor(random() * 6)),
    quantity: 1 + Math.floor(random() * 4),
  });
  return random() < 0.5 ? [one()] : [one(), one()];
}
