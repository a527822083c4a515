import type { Finding, ReceivedResponse } from '../model/index.ts';
import type { DocumentedResponse, MediaType, Operation, ResponseHeader } from './openapi/contract.ts';
import { objectOf } from './openapi/json.ts';
import { findMediaType, isJson, mediaTypeOf } from './openapi/media-type.ts';
import { findResponse } from './openapi/status.ts';
import { nodeAt } from './openapi/tree.ts';
import type { LoadedContract } from './service.ts';

/** An answer, what it answers, and how to speak of it. */
interface Answer {
  readonly service: LoadedContract;
  readonly response: ReceivedResponse;
  readonly subject: string;
}

interface Judged {
  readonly operation: Pick<Operation, 'id' | 'responses'>;
  /** The request's method: an answer to HEAD has no body whatever the document says. */
  readonly method: string;
  readonly response: ReceivedResponse;
}

/**
 * Compares an answer with what the contract documents for its operation.
 *
 * @throws ShopctlError `contract-invalid` when a schema that is needed cannot be compiled
 */
export function checkResponse(service: LoadedContract, { operation, method, response }: Judged): Finding[] {
  const mediaType = mediaTypeOf(response.headers['content-type']);
  const parts = [`${service.name}#${operation.id}`, response.status, mediaType].filter(
    (part) => part !== undefined,
  );
  const answer: Answer = { service, response, subject: parts.join(' ') };
  const documented = findResponse(operation.responses, response.status);
  if (documented === undefined) {
    const known = operation.responses.map(({ status }) => status).join(', ');
    return [
      finding(answer, 'undocumented-status', `the status ${response.status} is not documented (${known})`),
    ];
  }
  const headers = documented.headers.flatMap((header) => checkHeader(answer, header));
  return [...headers, ...checkBody(answer, { documented, method, mediaType })];
}

interface BodyRules {
  readonly documented: DocumentedResponse;
  readonly method: string;
  readonly mediaType: string | undefined;
}

function checkBody(answer: Answer, { documented, method, mediaType }: BodyRules): Finding[] {
  const { response } = answer;
  const isEmpty = response.text === '' && !response.truncated;
  if (method.toUpperCase() === 'HEAD') return [];
  if (documented.media.length === 0 || response.status === 204 || response.status === 304) {
    if (isEmpty) return [];
    return [finding(answer, 'undocumented-body', 'there is a body, but none is documented')];
  }
  const types = documented.media.map(({ type }) => type).join(', ');
  if (mediaType === undefined) {
    const rule = isEmpty ? 'missing-body' : 'undocumented-media-type';
    const what = isEmpty ? 'the body is missing' : 'the body has no content-type';
    return [finding(answer, rule, `${what}; documented is ${types}`)];
  }
  const media = findMediaType(documented.media, mediaType);
  if (media === undefined) {
    return [
      finding(answer, 'undocumented-media-type', `the media type ${mediaType} is not documented (${types})`),
    ];
  }
  return checkContent(answer, mediaType, media.schemaAt);
}

function checkContent(answer: Answer, mediaType: string, schemaAt: MediaType['schemaAt']): Finding[] {
  const { response, service, subject } = answer;
  if (!isJson(mediaType) && !mediaType.startsWith('text/')) return [];
  if (response.truncated) {
    return [
      finding(answer, 'body-truncated', 'the body is too large to be read whole, so it was not checked'),
    ];
  }
  if (response.text === '' && isJson(mediaType)) {
    return [finding(answer, 'missing-body', `the body is missing; documented is ${mediaType}`)];
  }
  const body = isJson(mediaType) ? parseJson(response) : { value: response.text };
  if (body === undefined) return [finding(answer, 'malformed-json', 'the body is not valid JSON')];
  if (schemaAt === undefined) return [];
  return service.validators
    .validate('response', schemaAt, body.value)
    .map(({ rule, message, pointer }) => ({ rule, message, subject, pointer }));
}

function parseJson(response: ReceivedResponse): { readonly value: unknown } | undefined {
  if (response.json !== undefined) return { value: response.json };
  try {
    return { value: JSON.parse(response.text) };
  } catch {
    return undefined;
  }
}

function checkHeader(answer: Answer, header: ResponseHeader): Finding[] {
  const value = answer.response.headers[header.name.toLowerCase()];
  if (value === undefined) {
    if (!header.required) return [];
    return [finding(answer, 'missing-header', `the header ${header.name} is missing`)];
  }
  if (header.schemaAt === undefined) return [];
  const { contract, validators } = answer.service;
  const schema = objectOf(nodeAt(contract.root, header.schemaAt)?.value);
  const typed = scalarOf(value, schema['type']);
  if (typed === undefined) return [];
  return validators
    .validate('response', header.schemaAt, typed)
    .map(({ rule, message }) => finding(answer, rule, `the header ${header.name} ${message}`));
}

/** A header's text as its schema's type; undefined for lists and objects, whose serialisation is not read here. */
function scalarOf(text: string, type: unknown): string | number | boolean | undefined {
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  if (types.includes('array') || types.includes('object')) return undefined;
  const isNumeric = types.includes('integer') || types.includes('number');
  if (isNumeric && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (types.includes('boolean') && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

function finding({ subject }: Answer, rule: string, message: string): Finding {
  return { rule, message, subject };
}
