import { Problem, unavailable } from '../problem.ts';

/** 401 for a request without a token. RFC 6750, section 3.1: it is then not told an error code. */
export function tokenMissing(): Problem {
  return unauthenticated('Send an access token as "Authorization: Bearer <token>".', 'Bearer');
}

/** 401 for a token that does not count. `detail` never quotes it. */
export function tokenRefused(detail: string): Problem {
  return unauthenticated(detail, 'Bearer error="invalid_token"');
}

function unauthenticated(detail: string, challenge: string): Problem {
  return new Problem({
    status: 401,
    kind: 'unauthenticated',
    title: 'Nobody knows who asks',
    detail,
    headers: { 'www-authenticate': challenge },
  });
}

/** 403: it is known who asks, and they may not. */
export function forbidden(detail: string): Problem {
  return new Problem({ status: 403, kind: 'forbidden', title: 'This is not allowed', detail });
}

/** 503: while nobody can tell who asks, nobody is let in. */
export function authUnavailable(cause?: unknown): Problem {
  return unavailable('auth-unavailable', 'The auth service is not available.', cause);
}
