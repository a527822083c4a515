import type { Environment } from '@marcbachmann/cel-js';
import type { Random } from '../../lib/random.ts';
import type { EvaluatorOptions } from '../evaluator-options.ts';
import type { FakeData, Faker } from '../fake-data.ts';

/** The type behind `fake` in expressions. */
class FakeReceiver {}

const generators: readonly (readonly [
  name: string,
  generate: (faker: Faker) => string,
  description: string,
])[] = [
  ['email', (faker) => faker.internet.email().toLowerCase(), 'an e-mail address'],
  ['firstName', (faker) => faker.person.firstName(), 'a first name'],
  ['lastName', (faker) => faker.person.lastName(), 'a last name'],
  ['username', (faker) => faker.internet.username().toLowerCase(), 'a user name'],
  ['product', (faker) => faker.commerce.productName(), 'a product name'],
  ['price', (faker) => faker.commerce.price({ min: 1, max: 500, dec: 2 }), 'a price such as "12.50"'],
  ['city', (faker) => faker.location.city(), 'a city'],
  ['street', (faker) => faker.location.streetAddress(), 'a street with number'],
  ['sentence', (faker) => faker.lorem.sentence(), 'a sentence'],
];

/** `fake.email()`, `fake.int(1, 6)` …: faker with one locale, seeded anew from the test's own chance for every call. */
export function registerFake(environment: Environment, { random, fake }: EvaluatorOptions): void {
  environment
    .registerType('FakeData', { ctor: FakeReceiver, fields: {} })
    .registerConstant('fake', 'FakeData', new FakeReceiver());
  for (const [name, generate, description] of generators) {
    environment.registerFunction(`FakeData.${name}(): string`, () => generate(seeded(fake, random)), {
      description,
    });
  }
  environment.registerFunction(
    'FakeData.int(int, int): int',
    (_receiver: unknown, min: bigint, max: bigint) =>
      BigInt(seeded(fake, random).number.int({ min: Number(min), max: Number(max) })),
    { description: 'a whole number from min to max, both included' },
  );
}

/** One faker serves all tests, also those that run at the same time; so every call brings its own seed. */
function seeded(fake: FakeData | undefined, random: Random): Faker {
  if (fake === undefined) throw new Error('fake data was not loaded (a bug: loadFakeData was not called)');
  fake.faker.seed(Math.floor(random() * 0x7fff_ffff));
  return fake.faker;
}
