import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { catalogue } from '../../src/errors/catalogue.ts';

it('documents every code with its exit code, and no other', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gm)].map(([, code, exit]) => [
    code,
    Number(exit),
  ]);
  const thrown = Object.entries(catalogue).map(([code, { exit }]) => [code, exit]);
  expect(documented.sort()).toEqual(thrown.sort());
});
