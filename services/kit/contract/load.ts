import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { ExitError } from '../exit-error.ts';
import { onDemand } from '../on-demand.ts';
import { compileOperation, type OperationCheck } from './check-request.ts';
import { isObject, type JsonObject, member } from './document.ts';
import { readYaml } from './read-yaml.ts';

/** A loaded OpenAPI document. */
export interface Contract {
  /** `info.version`. */
  version: string;
  /** Every documented operation as `GET /api/users/{id}`. */
  operations: readonly string[];
  /** The request check of one documented operation; throws when the document has no such operation. */
  operation<Body>(method: string, path: string): OperationCheck<Body>;
}

const methods = ['get', 'put', 'post', 'delete', 'patch'];

/** Reads `<folder>/<name>.yaml`. Throws `ExitError` (exit code 3) when there is none. */
export async function loadContract(name: string, folder: string | undefined): Promise<Contract> {
  const file = join(folder ?? findContractsFolder(), `${name}.yaml`);
  const document = await readDocument(file);
  const paths = member({ pointer: '', value: document }, 'paths');
  const ajv = onDemand(() => ajvFor(document));
  const operations = Object.entries(isObject(paths.value) ? paths.value : {}).flatMap(([path, item]) =>
    methods
      .filter((method) => isObject(item) && method in item)
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  return {
    version: String(member(member({ pointer: '', value: document }, 'info'), 'version').value),
    operations,
    operation: (method, path) => {
      const at = member(member(paths, path), method.toLowerCase());
      if (!isObject(at.value)) throw new Error(`${method} ${path} is not documented in ${file}`);
      return compileOperation(ajv, document, at);
    },
  };
}

function ajvFor(document: JsonObject): Ajv2020 {
  // The document as a whole is no JSON Schema.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  formats.default(ajv);
  return ajv.addSchema(document, 'contract');
}

async function readDocument(file: string): Promise<JsonObject> {
  try {
    const document = await readYaml(readFileSync(file, 'utf8'));
    if (isObject(document)) return document;
  } catch (error) {
    throw new ExitError([`The OpenAPI document ${file} cannot be read; CONTRACTS_DIR names its folder.`], 3, {
      cause: error,
    });
  }
  throw new ExitError([`${file} is not an OpenAPI document.`], 3);
}

/** Walks up from this file, which works from the sources and from the built program alike. */
function findContractsFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'contracts', 'openapi');
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) {
      throw new ExitError(
        ['There is no folder contracts/openapi above the program; name it in CONTRACTS_DIR.'],
        3,
      );
    }
  }
}
