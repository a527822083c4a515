import { createRequire } from 'node:module';
import { validate } from '@readme/openapi-parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { default as standalone } from 'ajv/dist/standalone/index.js';

const require = createRequire(import.meta.url);

/** What the parser of OpenAPI documents validates with: one for each document, which compiles the same schema anew. */
const validators = ['ajv/dist/2020.js', 'ajv-draft-04'];
/** A document of each version that has a schema of its own. */
const versions = ['3.1.0', '3.0.3'];
const info = { title: 'the least', version: '1' };
const paths = { '/': { get: { responses: { 200: { description: 'an answer' } } } } };

/** A CommonJS module that leads from the text of each schema to what ajv makes of it. */
async function checksText() {
  const parts = [];
  for (const [at, { schema, options, Ajv }] of (await askedSchemas()).entries()) {
    const ajv = new Ajv({ ...options, code: { source: true } });
    parts.push(`checks.set(${JSON.stringify(JSON.stringify(schema))}, (() => { const module = {}, exports = {};
${standalone.default(ajv, ajv.compile(schema))}
return module.exports; })()); // ${versions[at]}`);
  }
  return `const checks = new Map();\n${parts.join('\n')}\nmodule.exports = checks;`;
}

/** The schemas that the parser asks for, with its options: it changes them before it does. */
async function askedSchemas() {
  const asked = [];
  const core = Object.getPrototypeOf(Ajv2020.prototype);
  const original = core.validate;
  core.validate = function (schema, data) {
    if (typeof schema === 'object') asked.push({ schema, options: { ...this.opts }, Ajv: this.constructor });
    return original.call(this, schema, data);
  };
  try {
    for (const openapi of versions) {
      const { valid } = await validate({ openapi, info, paths });
      if (!valid) throw new Error(`a document of OpenAPI ${openapi} was to be in order`);
    }
  } finally {
    core.validate = original;
  }
  return asked;
}

/** In place of a validator: knows the schemas from the start, and passes on whatever else it is asked. */
const standIn = (path) => `
const checks = require('openapi-checks');
module.exports = class {
  constructor(options) { this.options = options; }
  validate(schema, data) {
    const known = checks.get(JSON.stringify(schema));
    if (known === undefined) return this.ask(schema, data);
    const isValid = known(data);
    this.errors = known.errors;
    return isValid;
  }
  ask(schema, data) {
    const { default: Ajv } = require(${JSON.stringify(require.resolve(path))});
    const real = new Ajv(this.options);
    const isValid = real.validate(schema, data);
    this.errors = real.errors;
    return isValid;
  }
};`;

/** Gives the parser of OpenAPI documents validators that the build has compiled. */
export const compiledOpenapiSchemas = {
  name: 'compiled-openapi-schemas',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^ajv/ }, ({ path, importer }) =>
      validators.includes(path) && importer.replaceAll('\\', '/').includes('/@readme/openapi-parser/')
        ? { path, namespace: 'openapi-validator' }
        : undefined,
    );
    onResolve({ filter: /^openapi-checks$/ }, () => ({
      path: 'openapi-checks',
      namespace: 'openapi-checks',
    }));
    const resolveDir = require.resolve('ajv').split('node_modules')[0];
    onLoad({ filter: /./, namespace: 'openapi-validator' }, ({ path }) => ({
      contents: standIn(path),
      resolveDir,
    }));
    onLoad({ filter: /./, namespace: 'openapi-checks' }, async () => ({
      contents: await checksText(),
      resolveDir,
    }));
  },
};
