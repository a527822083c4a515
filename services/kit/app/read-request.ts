import type { Request } from 'express';
import type { RawRequest } from '../contract/index.ts';
import { invalidRequest, Problem } from '../problem.ts';
import type { BoundRoute } from './route.ts';

/** The request as the document's check wants it. Throws 415 for a body of another type and 400 for malformed JSON. */
export function readRequest(request: Request, { mediaTypes, isBodyOptional }: BoundRoute): RawRequest {
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const isEmpty = typeof request.body !== 'string' || request.body === '';
  const hasNone = mediaTypes.length === 0 || (isBodyOptional && isEmpty);
  return {
    path: request.params,
    query: request.query,
    headers: request.headers,
    mediaType,
    body: hasNone ? undefined : readJson(request, mediaType, mediaTypes),
  };
}

function readJson(request: Request, mediaType: string | undefined, mediaTypes: readonly string[]): unknown {
  if (mediaType === undefined || !mediaTypes.includes(mediaType)) {
    throw new Problem({
      status: 415,
      kind: 'unsupported-media-type',
      title: 'The type of the body is not supported',
      detail: `Send JSON as ${mediaTypes.join(' or ')}.`,
    });
  }
  const text: unknown = request.body;
  try {
    return JSON.parse(typeof text === 'string' ? text : '');
  } catch {
    // The parser's own message quotes the body, which may hold what must not be repeated.
    throw invalidRequest([{ pointer: '#', message: 'is not JSON' }]);
  }
}
