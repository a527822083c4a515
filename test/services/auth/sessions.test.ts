import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { tokenLife } from '../../../services/auth/token-life.ts';
import { systemClock } from '../../../services/kit/clock.ts';
import { ask } from '../ask.ts';
import { type RunningService, temporaryFolder } from '../start-service.ts';
import { startAuth, testSecret } from '../start-shop.ts';
import { basic, signIn, tokensOf } from './sign-in.ts';

let auth: RunningService;
let aheadMs = 0;
const clock = { ...systemClock, now: () => Date.now() + aheadMs };
beforeAll(async () => {
  auth = await startAuth({ clock });
});
afterAll(async () => {
  await auth.stop();
});

const minute = 60_000;
const day = 24 * 60 * minute;

/** Lets time go on for one test. */
function pass(ms: number): void {
  aheadMs += ms;
  onTestFinished(() => {
    aheadMs -= ms;
  });
}

const post = (path: string, body: object) => ask('POST', `${auth.url}${path}`, { body });
const validate = async (token: string) => (await post('/validate', { token })).body;
const refresh = (token: string) => post('/refresh', { refresh_token: token });

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

describe('an access token', () => {
  it('says who the user is, in which session and for how long', async () => {
    const { access_token, session_id } = await signIn(auth.url, 'u-7', ['customer', 'support']);
    const claims = claimsOf(access_token);
    expect(claims).toMatchObject({
      iss: 'urn:shop:auth',
      aud: 'shop',
      sub: 'u-7',
      roles: ['customer', 'support'],
      sid: session_id,
      jti: expect.any(String),
    });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(900);
    expect(await validate(access_token)).toEqual({
      valid: true,
      sub: 'u-7',
      roles: ['customer', 'support'],
      session_id,
      expires_at: new Date(Number(claims['exp']) * 1_000).toISOString(),
    });
  });

  it('expires after 15 minutes', async () => {
    const { access_token } = await signIn(auth.url);
    pass(14 * minute);
    expect(await validate(access_token)).toMatchObject({ valid: true });
    pass(minute);
    expect(await validate(access_token)).toEqual({ valid: false, reason: 'expired' });
  });

  it('expires when the setting says, and the refresh token outlives it', async () => {
    const settings = { SERVICE_SECRET: testSecret, ACCESS_TOKEN_TTL: '2m' };
    const brief = await startAuth({ clock, settings });
    onTestFinished(() => brief.stop());
    const { access_token, refresh_token } = await signIn(brief.url);
    const validity = async () =>
      (await ask('POST', `${brief.url}/validate`, { body: { token: access_token } })).body;
    pass(119_000);
    expect(await validity()).toMatchObject({ valid: true });
    pass(1_000);
    expect(await validity()).toEqual({ valid: false, reason: 'expired' });
    const renewed = await ask('POST', `${brief.url}/refresh`, { body: { refresh_token } });
    expect(renewed).toMatchObject({ status: 200, body: { expires_in: 120 } });
  });

  it.each(['1s', '15m', '1440m', '1500ms', '0s', '1441m', '900', 'soon'])(
    'may have a life of %s only when that is whole seconds up to a day',
    (text) => {
      expect(tokenLife.accepts(text)).toBe(['1s', '15m', '1440m'].includes(text));
    },
  );

  it('is not taken for a refresh token, nor the other way round', async () => {
    const tokens = await signIn(auth.url);
    expect((await refresh(tokens.access_token)).status).toBe(401);
    expect(await validate(tokens.refresh_token)).toEqual({ valid: false, reason: 'invalid' });
  });
});

describe('a refresh token', () => {
  it('gives new tokens of the same session, and the old access token stays good', async () => {
    const first = await signIn(auth.url);
    const answered = await refresh(first.refresh_token);
    expect(answered.status).toBe(200);
    expect(answered.headers.get('cache-control')).toBe('no-store');
    const second = tokensOf(answered.body);
    expect(second.session_id).toBe(first.session_id);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await validate(second.access_token)).toMatchObject({ valid: true, sub: '1' });
    expect(await validate(first.access_token)).toMatchObject({ valid: true });
    expect((await refresh(second.refresh_token)).status).toBe(200);
  });

  it('that is used again ends the session with every token in it', async () => {
    const first = await signIn(auth.url);
    const second = tokensOf((await refresh(first.refresh_token)).body);
    const again = await refresh(first.refresh_token);
    expect(again.status).toBe(401);
    expect(again.body).toMatchObject({ type: 'urn:shop:problem:refresh-token-reused' });
    for (const token of [first.access_token, second.access_token]) {
      expect(await validate(token)).toEqual({ valid: false, reason: 'revoked' });
    }
    expect((await refresh(second.refresh_token)).body).toMatchObject({
      type: 'urn:shop:problem:unauthenticated',
    });
  });

  it('that is used again does not touch the other sessions of the user', async () => {
    const [stolen, other] = [await signIn(auth.url), await signIn(auth.url)];
    await refresh(stolen.refresh_token);
    await refresh(stolen.refresh_token);
    expect(await validate(other.access_token)).toMatchObject({ valid: true });
  });

  it('that is used by many at once serves one at most', async () => {
    const { refresh_token, session_id } = await signIn(auth.url);
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(refresh_token)));
    const good = answers.filter(({ status }) => status === 200);
    expect(good).toHaveLength(1);
    expect(await validate(tokensOf(good[0]?.body ?? {}).access_token)).toEqual({
      valid: false,
      reason: 'revoked',
    });
    expect(session_id).toBe(good[0]?.body['session_id']);
  });

  it('lasts for a week since the last refresh', async () => {
    const first = await signIn(auth.url);
    pass(6 * day);
    const second = tokensOf((await refresh(first.refresh_token)).body);
    pass(6 * day);
    const third = tokensOf((await refresh(second.refresh_token)).body);
    pass(7 * day);
    expect((await refresh(third.refresh_token)).status).toBe(401);
  });

  it('cannot be made up from the id of a session', async () => {
    const { refresh_token, session_id } = await signIn(auth.url);
    const [id, , code] = refresh_token.split('.');
    expect(id).toBe(session_id);
    for (const made of [
      `${id}.2.${code}`,
      `${id}.1.${'A'.repeat(43)}`,
      `${id}.1.`,
      `${id}`,
      refresh_token.toUpperCase(),
    ]) {
      expect((await refresh(made)).status).toBe(401);
    }
    expect((await refresh(refresh_token)).status).toBe(200);
  });
});

describe('logging out', () => {
  it.each(['access_token', 'refresh_token'] as const)('by the %s ends the session at once', async (kind) => {
    const tokens = await signIn(auth.url);
    const answered = await post('/logout', { token: tokens[kind] });
    expect(answered.status).toBe(200);
    expect(answered.body).toEqual({ session_id: tokens.session_id, status: 'ended' });
    expect(await validate(tokens.access_token)).toEqual({ valid: false, reason: 'revoked' });
    expect((await refresh(tokens.refresh_token)).status).toBe(401);
    expect((await post('/logout', { token: tokens[kind] })).status).toBe(200);
  });

  it('works with an access token that has expired', async () => {
    const tokens = await signIn(auth.url);
    pass(16 * minute);
    expect((await post('/logout', { token: tokens.access_token })).status).toBe(200);
    expect((await refresh(tokens.refresh_token)).status).toBe(401);
  });

  it('takes no token of a service', async () => {
    const body = { grant: 'service' };
    const answered = await ask('POST', `${auth.url}/internal/create-token`, {
      body,
      headers: basic('orders'),
    });
    expect((await post('/logout', { token: String(answered.body['access_token']) })).status).toBe(401);
  });
});

describe('what is kept', () => {
  const kept = async (userId: string) => {
    const url = `${auth.url}/internal/sessions/${userId}`;
    return (await ask('GET', url, { headers: basic('users') })).body['total'];
  };

  it('of an ended session goes when its last access token has expired', async () => {
    const { access_token } = await signIn(auth.url, 'bounded-1');
    await post('/logout', { token: access_token });
    pass(14 * minute);
    await signIn(auth.url, 'bounded-2');
    expect(await kept('bounded-1')).toBe(1);
    pass(minute);
    await signIn(auth.url, 'bounded-2');
    expect(await kept('bounded-1')).toBe(0);
    expect(await validate(access_token)).toMatchObject({ valid: false });
  });

  it('of a session that nobody refreshes goes after its week', async () => {
    await signIn(auth.url, 'bounded-3');
    pass(7 * day + 15 * minute);
    await signIn(auth.url, 'bounded-2');
    expect(await kept('bounded-3')).toBe(0);
  });

  it('does not grow with refreshing', async () => {
    let tokens = await signIn(auth.url, 'bounded-4');
    for (let count = 0; count < 5; count += 1) {
      tokens = tokensOf((await refresh(tokens.refresh_token)).body);
    }
    expect(await kept('bounded-4')).toBe(1);
  });
});

it('knows its sessions and key again after a restart', async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true }));
  const first = await startAuth({ folder });
  const [good, over] = [await signIn(first.url), await signIn(first.url)];
  await ask('POST', `${first.url}/logout`, { body: { token: over.access_token } });
  await first.stop();
  const second = await startAuth({ folder });
  onTestFinished(second.stop);
  const valid = async (token: string) =>
    (await ask('POST', `${second.url}/validate`, { body: { token } })).body['valid'];
  expect(await valid(good.access_token)).toBe(true);
  expect(await valid(over.access_token)).toBe(false);
  const body = { refresh_token: good.refresh_token };
  expect((await ask('POST', `${second.url}/refresh`, { body })).status).toBe(200);
});

it('never writes a token or secret to its log', async () => {
  const tokens = await signIn(auth.url);
  await refresh(tokens.refresh_token);
  await refresh(tokens.refresh_token);
  await post('/logout', { token: tokens.access_token });
  await ask('POST', `${auth.url}/internal/create-token`, {
    body: { grant: 'service' },
    headers: basic('orders', 'wrong-secret'),
  });
  const text = auth.logText();
  const codes = [tokens.access_token, tokens.refresh_token].map((token) => token.split('.')[2]);
  for (const secret of [
    ...codes,
    'secret-of-the-tests',
    'wrong-secret',
    basic('users').authorization.slice(6),
  ]) {
    expect(text).not.toContain(secret);
  }
});
