import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as parser from '@readme/openapi-parser';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** The parser as the CLI has it: with the schemas of OpenAPI compiled by the build. */
const { '@readme/openapi-parser': built }: { '@readme/openapi-parser': typeof parser } = createRequire(
  import.meta.url,
)(`${root}dist/cli/code/openapi-parser.cjs`);

const folder = `${root}contracts/openapi/`;
const names = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
const contract = (name: string) => parse(readFileSync(folder + name, 'utf8'));

/** A document that needs nothing else, in which anything may be put. */
const little = (openapi: string, more: object = {}) => ({
  openapi,
  info: { title: 'a shop', version: '1' },
  paths: { '/things': { get: { responses: { 200: { description: 'things' } } } } },
  ...more,
});

const mistakes: [string, object][] = [
  ['none', {}],
  ['a title that is missing', { info: { version: '1' } }],
  ['a key that nobody knows', { things: 1 }],
  ['a path without its slash', { paths: { things: {} } }],
  ['answers that are none', { paths: { '/things': { get: { responses: 1 } } } }],
  [
    'a parameter that is nowhere, and an operation without answers',
    { paths: { '/things': { get: { parameters: [{ name: 'a', in: 'nowhere' }] } } } },
  ],
  ['schemas that are none', { components: { schemas: 1 } }],
];

describe('the parser that the build makes', () => {
  it.each(names)('finds %s in order', async (name) => {
    expect(await built.validate(contract(name))).toMatchObject({ valid: true });
  });

  describe.each(['3.0.3', '3.1.0'])('says of OpenAPI %s what the package says', (version) => {
    it.each(mistakes)('mistake: %s', async (_, more) => {
      const said = await built.validate(little(version, more) as never);
      expect(said).toEqual(await parser.validate(little(version, more) as never));
      expect(said.valid).toBe(Object.keys(more).length === 0);
    });
  });

  it('passes on what the build has not compiled', async () => {
    const swagger = { swagger: '2.0', info: { title: 'a shop', version: '1' }, paths: {} };
    expect(await built.validate(structuredClone(swagger) as never)).toEqual(
      await parser.validate(structuredClone(swagger) as never),
    );
  });
});
