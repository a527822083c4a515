import type { Path } from '../../source/index.ts';
import type { DocumentedResponse, MediaType, Operation, RequestBody, ResponseHeader } from './contract.ts';
import { isObject, listOf, textOf } from './json.ts';
import { mediaTypeOf } from './media-type.ts';
import { compilePath } from './path-template.ts';
import { readExamples } from './read-examples.ts';
import { readNeeds } from './read-needs.ts';
import { readParameters } from './read-parameters.ts';
import { readAssignmentsByExample, readAuthorizeByExample, readPreconditions } from './read-recipe.ts';
import { readBasePaths } from './read-servers.ts';
import type { Reader } from './reader.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Every operation of the document, in the order in which it is written. */
export function readOperations(reader: Reader): Operation[] {
  return reader.entries([], 'paths').flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = reader.node(item.at, method);
      return operation === undefined ? [] : [readOperation(reader, { path, method, item, operation })];
    }),
  );
}

interface Found {
  readonly path: string;
  readonly method: string;
  readonly item: { readonly at: Path };
  readonly operation: { readonly at: Path };
}

function readOperation(reader: Reader, { path, method, item, operation }: Found): Operation {
  const { at, value } = reader.object(operation.at);
  const body = reader.node(at, 'requestBody');
  return {
    id: textOf(value['operationId']) ?? `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    template: compilePath(path),
    basePaths: readBasePaths(reader, [at, item.at, []]),
    parameters: readParameters(reader, item.at, at),
    ...(body === undefined ? {} : { body: readBody(reader, body.at) }),
    responses: readResponses(reader, at),
    given: readPreconditions(reader, at),
    set: readAssignmentsByExample(reader, at),
    needs: readNeeds(reader, at),
    schemes: readSchemes(value['security'] ?? reader.root['security']),
    authorize: readAuthorizeByExample(reader, at),
    at,
  };
}

/** An empty requirement (`{}`) means that a call may go without; one that can say who asks does. */
function readSchemes(security: unknown): string[] {
  return listOf(security).flatMap((requirement) => (isObject(requirement) ? Object.keys(requirement) : []));
}

function readBody(reader: Reader, at: Path): RequestBody {
  return { required: reader.object(at).value['required'] === true, media: readMedia(reader, at) };
}

/** The `responses` below `at`, in the order in which they are written. */
export function readResponses(reader: Reader, at: Path): DocumentedResponse[] {
  return reader
    .entries(at, 'responses')
    .map(([status, response]) => readResponse(reader, status, response.at));
}

function readResponse(reader: Reader, status: string, at: Path): DocumentedResponse {
  return {
    status: status.toLowerCase() === 'default' ? 'default' : status.toUpperCase(),
    media: readMedia(reader, at),
    headers: reader.entries(at, 'headers').flatMap(([name, header]) => readHeader(reader, name, header.at)),
    at,
  };
}

function readMedia(reader: Reader, at: Path): MediaType[] {
  return reader.entries(at, 'content').map(([type, media]) => ({
    type: mediaTypeOf(type) ?? type,
    ...reader.schemaPlace(media.at),
    examples: readExamples(reader, media.at),
  }));
}

/** A header named `Content-Type` is ignored (OpenAPI, "Response Object"): the media types say it. */
function readHeader(reader: Reader, name: string, at: Path): ResponseHeader[] {
  if (name.toLowerCase() === 'content-type') return [];
  const required = reader.object(at).value['required'] === true;
  return [{ name, required, ...reader.schemaPlace(at) }];
}
