import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { messageOf } from '../../errors/index.ts';
import { toPointer } from '../../lib/json-pointer.ts';
import { type Path, problemAt } from '../../source/index.ts';
import { type Direction, toDraft2020 } from './ajv-schemas.ts';
import type { Contract } from './contract.ts';
import { invalidContract } from './invalid-contract.ts';
import { isObject, type JsonObject, objectOf, textOf } from './json.ts';
import { nodeAt } from './tree.ts';
import { toViolations, type Violation } from './violation.ts';

/** Every validator of one contract, each compiled when it is first needed and then kept. */
export interface Validators {
  /**
   * What does not fit in `data`, by the schema written at `schemaAt`.
   *
   * @throws ShopctlError `contract-invalid` when that schema cannot be compiled
   */
  validate(direction: Direction, schemaAt: Path, data: unknown): readonly Violation[];
  /** Compiles only, so that an unusable schema is found before anything is sent. */
  prepare(direction: Direction, schemaAt: Path): void;
}

/** One broken rule makes a thousand errors in a list of a thousand: more than this nobody reads. */
const MAX_VIOLATIONS = 20;
const ROOT = 'contract:document';

export function createValidators(contract: Contract): Validators {
  const compilers = new Map<Direction, (schemaAt: Path) => ValidateFunction>();
  const compilerFor = (direction: Direction) => {
    const known = compilers.get(direction) ?? createCompiler(contract, direction);
    compilers.set(direction, known);
    return known;
  };
  return {
    prepare: (direction, schemaAt) => {
      compilerFor(direction)(schemaAt);
    },
    validate: (direction, schemaAt, data) => {
      const validate = compilerFor(direction)(schemaAt);
      if (validate(data)) return [];
      return toViolations(validate.errors ?? []).slice(0, MAX_VIOLATIONS);
    },
  };
}

function createCompiler(contract: Contract, direction: Direction): (schemaAt: Path) => ValidateFunction {
  const ajv = createAjv();
  const root = toDraft2020({ root: contract.root, version: contract.version, direction });
  ajv.addSchema(root, ROOT);
  const compiled = new Map<string, ValidateFunction>();
  return (schemaAt) => {
    const pointer = toPointer(schemaAt);
    const known = compiled.get(pointer);
    if (known !== undefined) return known;
    try {
      const $ref = `${ROOT}#${fragmentFor(root, schemaAt)}`;
      const validate = compiled.get($ref) ?? ajv.compile({ $ref });
      compiled.set(pointer, validate).set($ref, validate);
      return validate;
    } catch (error) {
      throw invalidContract(contract.source, [
        problemAt(contract.source, schemaAt, `this schema cannot be used: ${messageOf(error)}`),
      ]);
    }
  };
}

/**
 * Where in the document the schema at `at` is, as the fragment of a URI. Dozens of answers hold nothing but a reference
 * to the same schema, which would be compiled anew for each of them: that is where they lead.
 */
function fragmentFor(root: JsonObject, at: Path): string {
  const schema = objectOf(nodeAt(root, at.slice(0, -1))?.value)[at.at(-1) ?? ''];
  const reference = isObject(schema) && Object.keys(schema).length === 1 ? textOf(schema['$ref']) : undefined;
  if (reference?.startsWith('#/') === true) return reference.slice(1);
  return toPointer(at).split('/').map(encodeURIComponent).join('/');
}

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: false,
    validateSchema: false,
    meta: false,
    logger: false,
    code: { regExp: tolerantRegExp },
  });
  ajvFormats.default(ajv);
  return ajv;
}

/** Documents written for other validators hold patterns such as `\-` that are errors in Unicode mode only. */
const tolerantRegExp = Object.assign(
  (pattern: string, flags: string): RegExp => {
    try {
      return new RegExp(pattern, flags);
    } catch {
      return new RegExp(pattern);
    }
  },
  { code: 'new RegExp' },
);
