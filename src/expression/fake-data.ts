export type Faker = typeof import('@faker-js/faker/locale/en')['faker'];

/** The faker library, loaded only by runs that mention `fake`. */
export interface FakeData {
  readonly faker: Faker;
}

/** Whether a text (an expression, or a whole suite file) may call `fake.*`. */
export const mentionsFakeData = (text: string): boolean => /\bfake\./.test(text);

export async function loadFakeData(): Promise<FakeData> {
  return { faker: (await import('@faker-js/faker/locale/en')).faker };
}
