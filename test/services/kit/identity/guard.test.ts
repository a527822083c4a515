import { createSecretKey, randomUUID } from 'node:crypto';
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Answered, ask } from '../../ask.ts';
import { type Issuer, startIssuer } from '../../issue-token.ts';
import { startGuarded } from './guarded-service.ts';

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(async () => {
  await issuer.stop();
});

const start = () => startGuarded({ auth: issuer.auth });
const now = () => Math.floor(Date.now() / 1_000);
const good = () => ({
  sub: '1',
  sid: 's',
  roles: ['customer'],
  iss: 'urn:shop:auth',
  aud: 'shop',
  jti: randomUUID(),
  iat: now(),
  exp: now() + 300,
});

function expectProblem(answered: Answered, status: number, kind: string): void {
  expect(answered.status, answered.text).toBe(status);
  expect(answered.headers.get('content-type')).toContain('application/problem+json');
  expect(answered.body).toMatchObject({ type: `urn:shop:problem:${kind}`, status });
}

async function forged(): Promise<string> {
  const { privateKey } = await generateKeyPair('EdDSA');
  return await new SignJWT(good()).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey);
}

async function ofUnknownKey(): Promise<string> {
  const { privateKey } = await generateKeyPair('EdDSA');
  return await new SignJWT(good()).setProtectedHeader({ alg: 'EdDSA', kid: 'other' }).sign(privateKey);
}

/** Signed with the public key as if it were a shared secret. */
async function ofConfusedAlgorithm(): Promise<string> {
  const keys = await ask('GET', `${issuer.auth.url}/.well-known/jwks.json`);
  const secret = createSecretKey(Buffer.from(keys.text));
  return await new SignJWT(good()).setProtectedHeader({ alg: 'HS256' }).sign(secret);
}

async function changed(): Promise<string> {
  const [header, , signature] = (await issuer.token(good())).split('.');
  const claims = Buffer.from(JSON.stringify({ ...good(), roles: ['admin'] })).toString('base64url');
  return `${header}.${claims}.${signature}`;
}

async function revoked(): Promise<string> {
  const token = await issuer.token(good());
  issuer.revoke(token);
  return token;
}

const refused: [string, () => Promise<string>][] = [
  ['that has expired', () => issuer.token({ ...good(), exp: now() - 1 })],
  ['that is not valid yet', () => issuer.token({ ...good(), nbf: now() + 60 })],
  ['that says alg "none"', async () => new UnsecuredJWT(good()).encode()],
  ['of another key', forged],
  ['of a key that nobody knows', ofUnknownKey],
  ['that uses the public key as a shared secret', ofConfusedAlgorithm],
  ['whose claims were changed', changed],
  ['of another issuer', () => issuer.token({ ...good(), iss: 'urn:evil:auth' })],
  ['for another audience', () => issuer.token({ ...good(), aud: 'bank' })],
  ['without an expiry', () => issuer.token({ ...good(), exp: undefined })],
  ['without a subject', () => issuer.token({ ...good(), sub: undefined })],
  ['without an id', () => issuer.token({ ...good(), jti: undefined })],
  ['without roles', () => issuer.token({ ...good(), roles: undefined })],
  ['with a role that does not exist', () => issuer.token({ ...good(), roles: ['root'] })],
  ['with roles that are no list', () => issuer.token({ ...good(), roles: 'admin' })],
  ['that was revoked', revoked],
  ['that is nonsense', async () => 'nonsense'],
  ['that is too long', async () => 'x'.repeat(5_000)],
];

describe('a protected route', () => {
  it.each(refused)('refuses a token %s, and does not log it', async (_title, make) => {
    const service = await start();
    const token = await make();
    const answered = await ask('GET', `${service.url}/user`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expectProblem(answered, 401, 'unauthenticated');
    expect(answered.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect(answered.text).not.toContain(token);
    expect(service.logText()).not.toContain(token);
  });

  it.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer a b', 'Bearer \u00e4', 'bearer:x'])(
    'refuses the authorization %j',
    async (authorization) => {
      const service = await start();
      expectProblem(
        await ask('GET', `${service.url}/user`, { headers: { authorization } }),
        401,
        'unauthenticated',
      );
    },
  );

  it('asks for a token when there is none, before it looks at the body', async () => {
    const service = await start();
    const answered = await ask('POST', `${service.url}/write`, { rawBody: '{' });
    expectProblem(answered, 401, 'unauthenticated');
    expect(answered.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('knows the user, the session and the roles, whatever the case of "Bearer"', async () => {
    const service = await start();
    const authorization = `bEARER ${await issuer.token(good())}`;
    const { body } = await ask('GET', `${service.url}/default`, { headers: { authorization } });
    expect(body).toEqual({ kind: 'user', id: '1', sessionId: 's', roles: ['customer'] });
  });

  it.each([
    ['customer', { public: 200, default: 200, user: 200, service: 403, admin: 403 }],
    ['support', { public: 200, default: 200, user: 200, service: 403, admin: 403 }],
    ['admin', { public: 200, default: 200, user: 200, service: 200, admin: 200 }],
    ['service', { public: 200, default: 200, user: 200, service: 200, admin: 403 }],
  ])('lets the role %s in where it belongs', async (role, expected) => {
    const service = await start();
    const headers = role === 'service' ? await issuer.asService('orders') : await issuer.asUser('1', role);
    const statuses: Record<string, number> = {};
    for (const path of Object.keys(expected)) {
      const answered = await ask('GET', `${service.url}/${path}`, { headers });
      if (answered.status !== 200) expectProblem(answered, 403, 'forbidden');
      statuses[path] = answered.status;
    }
    expect(statuses).toEqual(expected);
  });

  it('asks auth about the revocation of every user token, and of no service token', async () => {
    const service = await start();
    const before = issuer.calls.get('/validate') ?? 0;
    const user = await issuer.asUser('1');
    await ask('GET', `${service.url}/user`, { headers: user });
    await ask('GET', `${service.url}/user`, { headers: user });
    await ask('GET', `${service.url}/user`, { headers: await issuer.asService('orders') });
    expect(issuer.calls.get('/validate')).toBe(before + 2);
  });

  it('asks for the keys once, however many ask at once', async () => {
    const service = await start();
    const before = issuer.calls.get('/.well-known/jwks.json') ?? 0;
    const headers = await issuer.asUser('1');
    await Promise.all(Array.from({ length: 10 }, () => ask('GET', `${service.url}/user`, { headers })));
    expect(issuer.calls.get('/.well-known/jwks.json')).toBe(before + 1);
  });

  it('does not ask for the keys again for each token of an unknown key', async () => {
    const service = await start();
    const before = issuer.calls.get('/.well-known/jwks.json') ?? 0;
    for (let count = 0; count < 5; count += 1) {
      const headers = { authorization: `Bearer ${await ofUnknownKey()}` };
      expectProblem(await ask('GET', `${service.url}/user`, { headers }), 401, 'unauthenticated');
    }
    expect(issuer.calls.get('/.well-known/jwks.json')).toBeLessThanOrEqual(before + 2);
  });
});

describe('without the auth service', () => {
  it('nobody is let in, and everybody is told to come again', async () => {
    const own = await startIssuer();
    const service = await startGuarded({ auth: own.auth });
    const headers = await own.asUser('1');
    expect((await ask('GET', `${service.url}/user`, { headers })).status).toBe(200);
    await own.stop();
    const answered = await ask('GET', `${service.url}/user`, { headers });
    expectProblem(answered, 503, 'auth-unavailable');
    expect(answered.headers.get('retry-after')).toBe('1');
    expect((await ask('GET', `${service.url}/public`)).status).toBe(200);
    expect((await ask('GET', `${service.url}/healthz`)).status).toBe(200);
  });

  it('nobody is let in when its keys were never seen', async () => {
    const own = await startIssuer();
    const headers = await own.asService('orders');
    await own.stop();
    const service = await startGuarded({ auth: own.auth });
    expectProblem(await ask('GET', `${service.url}/user`, { headers }), 503, 'auth-unavailable');
  });
});

it('takes the new key of auth, and no longer the old one', async () => {
  const own = await startIssuer();
  onTestFinished(own.stop);
  const service = await startGuarded({ auth: own.auth });
  const old = await own.asUser('1');
  expect((await ask('GET', `${service.url}/user`, { headers: old })).status).toBe(200);
  await own.changeKey();
  const headers = await own.asUser('1');
  const status = async () => (await ask('GET', `${service.url}/user`, { headers })).status;
  await expect.poll(status, { interval: 50 }).toBe(200);
  expectProblem(await ask('GET', `${service.url}/user`, { headers: old }), 401, 'unauthenticated');
});

it('where no tokens are in use, everybody may do everything', async () => {
  const service = await startGuarded({});
  for (const path of ['public', 'default', 'user', 'service', 'admin']) {
    const { body } = await ask('GET', `${service.url}/${path}`);
    expect(body).toEqual({ kind: 'anonymous', roles: ['admin'] });
  }
});
