import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type AuthSettings, audience, issuer } from '../../services/kit/identity/index.ts';

/** Claims of any kind; `undefined` leaves one out. */
type Claims = Record<string, unknown>;

/** Stands in for the auth service where other services are tested: the same tokens, without database and rules. */
export interface Issuer {
  /** For `startService(name, create, { auth: issuer.auth })`. */
  auth: AuthSettings;
  /** An `Authorization` header for a user, by default a customer. */
  asUser(userId: string, ...roles: string[]): Promise<{ authorization: string }>;
  asService(name: string): Promise<{ authorization: string }>;
  /** A token whose claims are changed as given. */
  token(claims: Claims): Promise<string>;
  /** From now on the token is not valid any more. */
  revoke(token: string): void;
  /** Forgets the key; the tokens of the old one are forged from now on. */
  changeKey(): Promise<void>;
  /** How often each path was asked, for example `calls.get('/validate')`. */
  calls: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

async function newKey() {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  const jwk = { ...(await exportJWK(publicKey)), kid: randomUUID(), alg: 'EdDSA', use: 'sig' };
  return { jwk, privateKey };
}

/** Listens on a free port. Call `stop` when done. */
export async function startIssuer(): Promise<Issuer> {
  let key = await newKey();
  const secret = 'secret-of-the-tests';
  const revoked = new Set<string>();
  const calls = new Map<string, number>();

  const token = (claims: Claims) => {
    const now = Math.floor(Date.now() / 1_000);
    const usual = { iss: issuer, aud: audience, iat: now, exp: now + 300, jti: randomUUID() };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: 'EdDSA', kid: key.jwk.kid })
      .sign(key.privateKey);
  };
  const serviceToken = (name: string) => token({ sub: name, roles: ['service'] });

  const answers: Record<string, (request: IncomingMessage) => Promise<object>> = {
    '/.well-known/jwks.json': async () => ({ keys: [key.jwk] }),
    '/validate': async (request) => ({ valid: !revoked.has(JSON.parse(await text(request)).token) }),
    '/internal/create-token': async (request) => {
      const basic = request.headers.authorization?.replace('Basic ', '') ?? '';
      const [name = '', given] = Buffer.from(basic, 'base64').toString().split(':');
      return given === secret ? { access_token: await serviceToken(name), expires_in: 300 } : {};
    },
    '/healthz': async () => ({ status: 'ready' }),
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    calls.set(path, (calls.get(path) ?? 0) + 1);
    const answer = answers[path]?.(request) ?? Promise.resolve({});
    void answer.then((body) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    auth: { url: `http://127.0.0.1:${port}`, secret },
    asUser: async (sub, ...roles) => ({
      authorization: `Bearer ${await token({ sub, sid: randomUUID(), roles: roles.length > 0 ? roles : ['customer'] })}`,
    }),
    asService: async (name) => ({ authorization: `Bearer ${await serviceToken(name)}` }),
    token,
    revoke: (one) => void revoked.add(one),
    changeKey: async () => {
      key = await newKey();
    },
    calls,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
