import { faker } from '@faker-js/faker/locale/en';
import type { ProductRow } from './store.ts';

/** Names of things by category; books have titles instead. Together with the seed they decide what the shop sells. */
const things: Record<string, readonly string[]> = {
  electronics: ['Headphones', 'Keyboard', 'Mouse', 'Monitor', 'Speaker', 'Camera', 'Charger', 'Tablet'],
  books: [],
  clothing: ['Jacket', 'Sweater', 'Shirt', 'Trousers', 'Socks', 'Scarf', 'Hat', 'Gloves'],
  home: ['Lamp', 'Chair', 'Table', 'Mug', 'Kettle', 'Blanket', 'Clock', 'Shelf'],
  sports: ['Bicycle', 'Tent', 'Racket', 'Ball', 'Skates', 'Rope', 'Backpack', 'Helmet'],
  toys: ['Puzzle', 'Train', 'Robot', 'Kite', 'Doll', 'Drum', 'Blocks', 'Yo-yo'],
};

const productCount = 100;
const fixedSeed = 20_260_101;
const firstDayMs = Date.UTC(2025, 0, 1);
const dayMs = 86_400_000;

/** The same 100 products on every machine; only their ids begin where they are told. */
export function madeUpProducts(firstProductId: number): ProductRow[] {
  faker.seed(fixedSeed);
  const categories = Object.keys(things);
  return Array.from({ length: productCount }, (_, index) => {
    const id = String(firstProductId + index);
    const category = categories[index % categories.length] ?? '';
    return {
      id,
      category,
      ...(category === 'books' ? madeUpBook() : madeUpThing(things[category] ?? [])),
      price: faker.number.int({ min: 299, max: 49_999 }),
      image_url: `https://images.example.com/products/${id}.jpg`,
      created_at: new Date(firstDayMs + index * dayMs).toISOString(),
    };
  });
}

function madeUpBook() {
  const { title, author, genre, publisher } = faker.book;
  return {
    name: title(),
    description: `A book by ${author()} (${genre()}), published by ${publisher()}.`,
  };
}

function madeUpThing(names: readonly string[]) {
  const thing = faker.helpers.arrayElement(names);
  const { productAdjective, productMaterial } = faker.commerce;
  const material = productMaterial();
  const [one = '', other = ''] = faker.helpers.uniqueArray(productAdjective, 2);
  return {
    name: `${productAdjective()} ${material} ${thing}`,
    description: `${thing} of ${material.toLowerCase()}: ${one.toLowerCase()} and ${other.toLowerCase()}.`,
  };
}
