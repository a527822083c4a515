import { tokenRefused } from '../kit/identity/index.ts';
import { Problem } from '../kit/index.ts';

/** 401: not a refresh token of this service, or its session is over. */
export function refreshTokenRefused(): Problem {
  return tokenRefused('The refresh token is not valid, or its session is over; sign in again.');
}

/** 401: it was changed for another one before, so two have it. */
export function refreshTokenReused(): Problem {
  return new Problem({
    status: 401,
    kind: 'refresh-token-reused',
    title: 'The refresh token was used before',
    detail:
      'A refresh token is good for one use. Its session was ended, because somebody else may have it; sign in again.',
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}

/** 401: there is no session to end. */
export function tokenUnknown(): Problem {
  return tokenRefused('This is not a token of a session.');
}

/** 401: whoever asks did not show that they are a service of the shop. */
export function serviceUnknown(): Problem {
  return new Problem({
    status: 401,
    kind: 'unauthenticated',
    title: 'Nobody knows who asks',
    detail: 'Send the name of the service and the shop\'s secret as "Authorization: Basic".',
    headers: { 'www-authenticate': 'Basic realm="shop"' },
  });
}
