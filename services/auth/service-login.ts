import { createHash, timingSafeEqual } from 'node:crypto';
import { serviceUnknown } from './refusals.ts';

/** The service that asks (RFC 7617). Throws 401 when it does not know the secret. */
export function serviceOf(authorization: string | undefined, secret: string): string {
  const encoded = /^basic +([A-Za-z0-9+/]{1,1000}={0,2})$/i.exec(authorization ?? '')?.[1] ?? '';
  const [, name, given = ''] =
    /^([a-z][a-z-]{0,30}):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  // The digests have one length, whatever was sent.
  const isRight = timingSafeEqual(digest(given), digest(secret));
  if (name === undefined || !isRight || secret === '') throw serviceUnknown();
  return name;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
