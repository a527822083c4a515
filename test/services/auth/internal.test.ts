import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, createRemoteJWKSet, type JWK, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isPrivateKey } from '../../../services/auth/keys.ts';
import { ask } from '../ask.ts';
import type { RunningService } from '../start-service.ts';
import { startAuth, testSecret } from '../start-shop.ts';
import { basic, signIn } from './sign-in.ts';

let auth: RunningService;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(async () => {
  await auth.stop();
});

const internal: [string, string, object | undefined][] = [
  ['POST', '/internal/create-token', { grant: 'service' }],
  ['POST', '/internal/create-token', { grant: 'user', user_id: '1', roles: ['admin'] }],
  ['GET', '/internal/sessions/1', undefined],
  ['POST', '/internal/end-sessions', { user_id: '1' }],
];

describe.each(internal)('%s %s with %j', (method, path, body) => {
  const send = (headers: Record<string, string>) =>
    ask(method, `${auth.url}${path}`, { ...(body === undefined ? {} : { body }), headers });

  it.each([
    ['nothing', {}],
    ['the wrong secret', basic('users', 'secret-of-the-testz')],
    ['a part of the secret', basic('users', testSecret.slice(0, -1))],
    ['no secret', basic('users', '')],
    ['no name', basic('')],
    ['a name that cannot be one', basic('us ers')],
    ['no colon', { authorization: `Basic ${Buffer.from('users').toString('base64')}` }],
    ['what is not base64', { authorization: 'Basic %%%' }],
    ['another scheme', { authorization: `Bearer ${testSecret}` }],
  ])('is refused with %s', async (_title, headers) => {
    const answered = await send(headers);
    expect(answered.status).toBe(401);
    expect(answered.body).toMatchObject({ type: 'urn:shop:problem:unauthenticated' });
    expect(answered.headers.get('www-authenticate')).toBe('Basic realm="shop"');
  });
});

describe('sessions', () => {
  it.each(internal.slice(1))('are not for other services: %s %s', async (method, path, body) => {
    const question = { ...(body === undefined ? {} : { body }), headers: basic('orders') };
    const answered = await ask(method, `${auth.url}${path}`, question);
    expect(answered.status).toBe(403);
    expect(answered.body).toMatchObject({ type: 'urn:shop:problem:forbidden' });
  });

  it('are listed and ended for the users service, one or all', async () => {
    const headers = basic('users');
    const tokens = [
      await signIn(auth.url, 'u-1'),
      await signIn(auth.url, 'u-1'),
      await signIn(auth.url, 'u-1'),
    ];
    const other = await signIn(auth.url, 'u-2');
    const end = (body: object) => ask('POST', `${auth.url}/internal/end-sessions`, { body, headers });
    expect((await end({ user_id: 'u-1', session_id: tokens[0]?.session_id })).body).toEqual({ ended: 1 });
    expect((await end({ user_id: 'u-1', session_id: tokens[0]?.session_id })).body).toEqual({ ended: 0 });
    expect((await end({ user_id: 'u-1', session_id: other.session_id })).status).toBe(404);
    const listed = await ask('GET', `${auth.url}/internal/sessions/u-1?limit=2`, { headers });
    expect(listed.body).toMatchObject({
      total: 3,
      limit: 2,
      sessions: [
        { id: tokens[0]?.session_id, ended_at: expect.any(String) },
        { id: tokens[1]?.session_id, ended_at: null },
      ],
    });
    expect((await end({ user_id: 'u-1' })).body).toEqual({ ended: 2 });
    const { body } = await ask('POST', `${auth.url}/validate`, { body: { token: other.access_token } });
    expect(body).toMatchObject({ valid: true, sub: 'u-2' });
  });
});

describe('a grant', () => {
  it.each([
    [{ grant: 'user' }, 'without a user'],
    [{ grant: 'user', user_id: '1', roles: [] }, 'without roles'],
    [{ grant: 'user', user_id: '1', roles: ['service'] }, 'with the role of services'],
    [{ grant: 'user', user_id: '1', roles: ['customer', 'customer'] }, 'with a role twice'],
    [{ grant: 'service', user_id: '1' }, 'for a service with a user'],
    [{ grant: 'service', roles: ['admin'] }, 'for a service with roles'],
    [{ grant: 'service', more: 1 }, 'with an unknown field'],
  ])('%j is refused: it is %s', async (body, _what) => {
    const answered = await ask('POST', `${auth.url}/internal/create-token`, {
      body,
      headers: basic('users'),
    });
    expect(answered.status).toBe(400);
    expect(answered.body).toMatchObject({ type: 'urn:shop:problem:invalid-request' });
  });

  it('for a service gives a token for five minutes, and no refresh token', async () => {
    const question = { body: { grant: 'service' }, headers: basic('orders') };
    const { body } = await ask('POST', `${auth.url}/internal/create-token`, question);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 300 });
    const verdict = await ask('POST', `${auth.url}/validate`, { body: { token: body['access_token'] } });
    expect(verdict.body).toMatchObject({ valid: true, sub: 'orders', roles: ['service'] });
  });
});

describe('the signing key', () => {
  it('is public in the half that verifies, for any JWT library', async () => {
    const { access_token } = await signIn(auth.url);
    const keys = createRemoteJWKSet(new URL(`${auth.url}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(access_token, keys, { issuer: 'urn:shop:auth', audience: 'shop' });
    expect(payload.sub).toBe('1');
    const { text } = await ask('GET', `${auth.url}/.well-known/jwks.json`);
    expect(text).not.toContain('"d"');
  });

  it('is named by its thumbprint (RFC 7638)', async () => {
    const { text } = await ask('GET', `${auth.url}/.well-known/jwks.json`);
    const { keys }: { keys: JWK[] } = JSON.parse(text);
    expect(keys).toHaveLength(1);
    for (const key of keys) expect(key.kid).toBe(await calculateJwkThumbprint(key));
  });

  it('may be given from outside', async () => {
    const jwk = JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }));
    const settings = { SERVICE_SECRET: testSecret, AUTH_PRIVATE_KEY: jwk };
    const [one, other] = [await startAuth({ settings }), await startAuth({ settings })];
    onTestFinished(async () => {
      await one.stop();
      await other.stop();
    });
    const keysOf = async ({ url }: RunningService) => (await ask('GET', `${url}/.well-known/jwks.json`)).text;
    expect(await keysOf(one)).toBe(await keysOf(other));
    expect(await keysOf(one)).not.toBe(await keysOf(auth));
  });

  it.each([
    'nonsense',
    '{}',
    JSON.stringify(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })),
    JSON.stringify(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })),
  ])('cannot be %s', (text) => {
    expect(isPrivateKey(text)).toBe(false);
  });
});
