/** Says whether data fit a schema, and not why they do not. */
export type QuickCheck = (data: unknown) => boolean;

/**
 * What `npm run build` has made of a schema. It takes the place of this file in the bundles (`scripts/bundle/quick-checks.mjs`);
 * where the sources run as they are, there is nothing ready, and the schema is compiled.
 */
export function quickCheckOf(_schema: object): QuickCheck | undefined {
  return undefined;
}
