import type { Clock } from '../clock.ts';
import type { Credentials, Upstream } from '../upstream/index.ts';
import { authUnavailable } from './refusals.ts';

/** RFC 7617. */
export function basicCredentials(service: string, secret: string): Credentials {
  const value = `Basic ${Buffer.from(`${service}:${secret}`).toString('base64')}`;
  return { authorization: async () => value, renew: () => false };
}

/** A token is replaced so long before it expires, so that it does not do so on its way. */
const marginMs = 30_000;

/** Service tokens: fetched when first needed, shared by all questions, replaced before they expire or when refused. */
export function serviceCredentials(auth: Upstream, clock: Clock): Credentials {
  let kept: { value: string; untilMs: number } | undefined;
  let loading: Promise<string> | undefined;
  const load = async () => {
    const { token, expiresInMs } = await fetchToken(auth);
    const value = `Bearer ${token}`;
    kept = { value, untilMs: clock.now() + expiresInMs - marginMs };
    return value;
  };
  return {
    authorization: async () => {
      if (kept !== undefined && clock.now() < kept.untilMs) return kept.value;
      loading ??= load().finally(() => {
        loading = undefined;
      });
      return await loading;
    },
    renew: (refused) => {
      if (kept?.value === refused) kept = undefined;
      return true;
    },
  };
}

async function fetchToken(auth: Upstream): Promise<{ token: string; expiresInMs: number }> {
  try {
    const path = '/internal/create-token';
    const { status, body } = await auth.call({
      method: 'POST',
      path,
      body: { grant: 'service' },
      isHarmless: true,
    });
    if (status === 200 && isTokenAnswer(body)) {
      return { token: body.access_token, expiresInMs: body.expires_in * 1_000 };
    }
    throw new Error(`the auth service answered ${status} instead of a service token`);
  } catch (error) {
    throw authUnavailable(error);
  }
}

function isTokenAnswer(body: unknown): body is { access_token: string; expires_in: number } {
  return (
    typeof body === 'object' &&
    body !== null &&
    'access_token' in body &&
    typeof body.access_token === 'string' &&
    'expires_in' in body &&
    typeof body.expires_in === 'number'
  );
}
