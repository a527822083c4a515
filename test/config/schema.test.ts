import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/index.ts';
import { compileSchema } from '../../src/lib/json-schema.ts';
import { parseSource } from '../../src/source/index.ts';

const root = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');
const check = compileSchema(configSchema);

/** Every YAML block of a page that is a whole configuration. */
const examples = ['README.md', 'docs/configuration.md'].flatMap((file) =>
  [...read(file).matchAll(/```yaml\n(.*?)```/gs)]
    .map(([, block = '']) => block)
    .filter((block) => /^services:/m.test(block))
    .map((block, index): [string, string] => [`${file} #${index + 1}`, block]),
);

describe('the schema of the configuration', () => {
  it.each([['e2e.config.yaml', read('e2e.config.yaml')], ...examples])('accepts %s', (name, text) => {
    expect(check.fits(parseSource(name, text).data) ? [] : check.errors()).toEqual([]);
  });

  it('finds the documented examples at all', () => {
    expect(examples.length).toBeGreaterThanOrEqual(2);
  });

  it('is the one that is shipped for editors', () => {
    expect(JSON.parse(read('schemas/config.schema.json'))).toEqual(JSON.parse(JSON.stringify(configSchema)));
  });
});

it.each(['config', 'shared', 'suite'])(
  'the shipped schema of files of the kind %s is a JSON Schema',
  (kind) => {
    const ajv = new Ajv2020({ allErrors: true });
    expect([ajv.validateSchema(JSON.parse(read(`schemas/${kind}.schema.json`))), ajv.errors]).toEqual([
      true,
      null,
    ]);
  },
);
