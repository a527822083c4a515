import { type Readable, Transform } from 'node:stream';
import type { Request } from 'express';
import { Problem } from '../kit/index.ts';

const maxBodyBytes = 1_000_000;

/**
 * The body of a request as it comes in, or null when it has none. Throws a 413 problem when it announces more than
 * 1 MB; one that does not announce its length fails with that problem when it has come so far. The request itself is
 * never destroyed with it: its connection has still to carry the answer.
 */
export function boundedBody(request: Request): Readable | null {
  const length = request.headers['content-length'];
  if (length === undefined && request.headers['transfer-encoding'] === undefined) return null;
  if (Number(length) === 0) return null;
  if (Number(length) > maxBodyBytes) throw tooLarge();
  let size = 0;
  return request.pipe(
    new Transform({
      transform: (chunk: Buffer, _encoding, pass) => {
        size += chunk.byteLength;
        if (size > maxBodyBytes) pass(tooLarge());
        else pass(null, chunk);
      },
    }),
  );
}

function tooLarge(): Problem {
  return new Problem({
    status: 413,
    kind: 'payload-too-large',
    title: 'The body is too large',
    detail: 'The body is larger than 1 MB.',
  });
}
