import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { bundle } from '@readme/openapi-parser';
import { messageOf, type Problem, ShopctlError } from '../../errors/index.ts';
import { parseSource, problemAt, type SourceDocument } from '../../source/index.ts';
import type { Contract } from './contract.ts';
import { invalidContract } from './invalid-contract.ts';
import { isObject, type JsonObject } from './json.ts';
import { readOperations } from './read-operations.ts';
import { readPassedOn } from './read-passed-on.ts';
import { readAuthorizations } from './read-recipe.ts';
import { createReader } from './reader.ts';
import { checkReferences } from './references.ts';
import { validateDocument } from './validate-document.ts';

/**
 * Reads an OpenAPI 3.0 or 3.1 document (YAML or JSON). References to files below its folder are followed, references
 * over the network never.
 *
 * @param path absolute
 * @param cwd where the user stands; file names in errors are relative to it
 * @throws ShopctlError `file-unreadable`, `yaml-syntax`, or `contract-invalid` with every mistake found
 */
export async function loadContract(path: string, cwd: string): Promise<Contract> {
  const source = parseSource(relative(cwd, path), await readDocument(path));
  const version = versionOf(source);
  const { problems, isSplit } = await checkReferences(path, source);
  throwIfAny(source, problems);
  const root = isSplit ? await bundleFiles(path, source) : source.data;
  throwIfAny(source, await validateDocument(source, root));
  if (!isObject(root))
    throw invalidContract(source, [problemAt(source, [], 'an OpenAPI document is a mapping')]);
  const reader = createReader(source, root);
  const authorizations = readAuthorizations(reader);
  const operations = readOperations(reader);
  const passedOn = readPassedOn(reader);
  throwIfAny(source, reader.problems);
  return { version, source, root, operations, authorizations, passedOn };
}

function throwIfAny(source: SourceDocument, problems: readonly Problem[]): void {
  if (problems.length > 0) throw invalidContract(source, problems);
}

async function readDocument(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ShopctlError('file-unreadable', {
      message: `the contract ${path} cannot be read: ${messageOf(error)}`,
      hint: 'correct `contract:` of the service that names it',
      cause: error,
    });
  }
}

function versionOf(source: SourceDocument): Contract['version'] {
  const version = isObject(source.data) ? String(source.data['openapi'] ?? '') : '';
  if (/^3\.0\.\d+/.test(version)) return '3.0';
  if (/^3\.1\.\d+/.test(version)) return '3.1';
  const found = version === '' ? 'there is no `openapi` version here' : `OpenAPI ${version} is not read here`;
  throw invalidContract(source, [problemAt(source, ['openapi'], found, 'use OpenAPI 3.0.x or 3.1.x')]);
}

async function bundleFiles(path: string, source: SourceDocument): Promise<JsonObject> {
  try {
    return { ...(await bundle(path, { resolve: { external: true, file: true } })) };
  } catch (error) {
    throw invalidContract(source, [problemAt(source, [], messageOf(error))]);
  }
}
