import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../services/kit/clock.ts';
import { createIdentity } from '../../../services/kit/identity/index.ts';
import { ask } from '../ask.ts';
import { startFake, startGateway } from './start-gateway.ts';

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
let privateKey: PrivateKey;
let foreignKey: PrivateKey;
let keySet: string;

beforeAll(async () => {
  const pair = await generateKeyPair('EdDSA');
  privateKey = pair.privateKey;
  foreignKey = (await generateKeyPair('EdDSA')).privateKey;
  keySet = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: '1', alg: 'EdDSA' }] });
});

function sign(key: PrivateKey, expires = '15m'): Promise<string> {
  return new SignJWT({ roles: ['customer'], sid: 's' })
    .setProtectedHeader({ alg: 'EdDSA', kid: '1' })
    .setIssuer('urn:shop:auth')
    .setAudience('shop')
    .setSubject('1')
    .setJti('j')
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(key);
}

/** A gateway with an auth service that knows which tokens are revoked, and services that count what reaches them. */
async function guardedGateway() {
  const revoked = new Set<string>();
  const reached: string[] = [];
  const auth = await startFake(async (request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/.well-known/jwks.json') return void response.end(keySet);
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.url === '/validate')
      response.end(JSON.stringify({ valid: !revoked.has(JSON.parse(body).token) }));
    else {
      reached.push(`${request.url}`);
      response.end('{}');
    }
  });
  const services = await startFake((request, response) => {
    reached.push(`${request.url}`);
    response.end('{}');
  });
  const identity = createIdentity({
    service: 'gateway',
    auth: { url: auth.url, secret: 'secret' },
    clock: systemClock,
    random: () => 0,
  });
  const { url } = services;
  const gateway = await startGateway(
    { services: { auth: auth.url, users: url, products: url, cart: url, inventory: url } },
    identity,
  );
  const statusWith = async (token: string | undefined, method = 'GET', path = '/cart') => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return await ask(method, `${gateway.url}${path}`, { headers });
  };
  return { gateway, auth, revoked, reached, statusWith };
}

describe('where tokens are in use', () => {
  it('a valid one opens the way', async () => {
    const { statusWith, reached } = await guardedGateway();
    expect((await statusWith(await sign(privateKey))).status).toBe(200);
    expect(reached).toEqual(['/cart']);
  });

  it.each<[string, () => Promise<string | undefined>]>([
    ['none', async () => undefined],
    ['a malformed one', async () => 'not.a.token'],
    ['an expired one', () => sign(privateKey, '-1m')],
    ['a forged one', () => sign(foreignKey)],
    [
      'one without a signature',
      async () => {
        const [, claims] = (await sign(privateKey)).split('.');
        return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
      },
    ],
  ])('%s is refused at the gateway, before the service', async (_what, token) => {
    const { statusWith, reached, gateway } = await guardedGateway();
    const sent = await token();
    const answered = await statusWith(sent);
    expect(answered.status).toBe(401);
    expect(answered.headers.get('www-authenticate')).toContain('Bearer');
    expect(answered.body).toMatchObject({ type: 'urn:shop:problem:unauthenticated', status: 401 });
    expect(reached).toEqual([]);
    if (sent !== undefined) expect(gateway.logText()).not.toContain(sent);
  });

  it('a revoked one is refused from that moment on', async () => {
    const { statusWith, revoked } = await guardedGateway();
    const token = await sign(privateKey);
    expect((await statusWith(token)).status).toBe(200);
    revoked.add(token);
    expect((await statusWith(token)).status).toBe(401);
  });

  it.each([
    ['POST', '/login'],
    ['POST', '/register'],
    ['POST', '/api/auth/refresh'],
    ['POST', '/api/auth/login'],
    ['GET', '/products/1'],
    ['GET', '/catalog'],
    ['GET', '/search?q=x'],
    ['GET', '/inventory/1'],
    ['GET', '/health'],
  ])('%s %s needs none', async (method, path) => {
    const { statusWith } = await guardedGateway();
    expect((await statusWith(undefined, method, path)).status).toBe(200);
  });

  it.each([
    ['POST', '/products'],
    ['GET', '/profile'],
    ['GET', '/sessions'],
    ['GET', '/api/users/1'],
    ['POST', '/cart/add'],
  ])('%s %s needs one', async (method, path) => {
    const { statusWith } = await guardedGateway();
    expect((await statusWith(undefined, method, path)).status).toBe(401);
  });

  it('nobody is let in while the auth service does not answer', async () => {
    const { statusWith, auth, reached } = await guardedGateway();
    await auth.stop();
    const answered = await statusWith(await sign(privateKey));
    expect(answered.status).toBe(503);
    expect(answered.headers.get('retry-after')).toBe('1');
    expect(reached).toEqual([]);
  });
});
