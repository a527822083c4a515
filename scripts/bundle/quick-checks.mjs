import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { default as standalone } from 'ajv/dist/standalone/index.js';

/** What has schemas of its own: their modules give them to `compileSchema` when they are loaded. */
const holders = ['config', 'suite', 'faults', 'contract'];

/**
 * A CommonJS module whose export leads from the text of each schema of ours to a function that says whether data fit it. To
 * compile them takes five times as long as all else that a first command in a folder does.
 * @param root whose `dist/src` has been compiled
 */
export async function quickChecksText(root) {
  const built = (path) => import(pathToFileURL(join(root, 'dist/src', path)).href);
  for (const holder of holders) await built(`${holder}/index.js`);
  const { schemasOfOurs } = await built('lib/json-schema.js');
  const schemas = [...schemasOfOurs];
  const ajv = new Ajv2020({ allowUnionTypes: true, strictRequired: false, code: { source: true } });
  schemas.forEach((schema, at) => {
    ajv.addSchema(schema, `check${at}`);
  });
  const names = schemas.map((_, at) => `check${at}`);
  const code = standalone.default(ajv, Object.fromEntries(names.map((name) => [name, name])));
  const entries = schemas.map(
    (schema, at) => `[${JSON.stringify(JSON.stringify(schema))}, exports.check${at}]`,
  );
  return `${code}\nmodule.exports = new Map([${entries.join(', ')}]);`;
}

/** Has `src/lib/quick-checks.ts` find them in the bundle `name` beside its own. */
export const quickChecksFrom = (name) => (text, own) =>
  own === 'lib/quick-checks.ts'
    ? `let checks;
export function quickCheckOf(schema) {
  checks ??= require('../../run-cached.cjs').runCached(require('node:path').join(__dirname, '${name}.cjs'));
  return checks.get(JSON.stringify(schema));
}
`
    : text;
