import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';
import { audience, issuer } from '../../../services/kit/identity/index.ts';
import { ask } from '../ask.ts';
import { basic, signIn } from '../auth/sign-in.ts';

/** What the `Authorization` header of a user's request may hold that does not count. */
export const badTokens = [
  'nothing',
  'a password',
  'two words',
  'nonsense',
  'a refresh token',
  'an expired token',
  'a token without end',
  'a token of a foreign key',
  'a token signed with the public key',
  'a token with "alg": "none"',
  'a token with changed claims',
  'a token of another issuer',
  'a token for another audience',
  'a token of nobody',
  'a token of a session that was signed out',
] as const;

/** As `badTokens`, where a service says who it is. */
export const badServices = [
  'nothing',
  'the wrong secret',
  'no name',
  'what is not base64',
  'a token',
] as const;

type Bad = (typeof badTokens | typeof badServices)[number];

/** Who asks in a shop under test. */
export interface People {
  admin: string;
  support: string;
  /** A customer, user 2, who owns nothing that a test speaks of. */
  stranger: string;
  /** By the name of a service; what the auth service asks of other services. */
  asService(name: string): string;
  /** Whole `Authorization` headers; `nothing` has none. */
  bad: ReadonlyMap<Bad, string>;
}

/** A signing key that the auth service is started with, so that tests can sign what it never would. */
export function makeSigningKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicKey, setting: JSON.stringify(privateKey.export({ format: 'jwk' })) };
}

export async function signInEverybody(
  authUrl: string,
  key: ReturnType<typeof makeSigningKey>,
): Promise<People> {
  const bearer = async (userId: string, roles: string[]) =>
    `Bearer ${(await signIn(authUrl, userId, roles)).access_token}`;
  const asService = (name: string) => basic(name).authorization;
  return {
    admin: await bearer('1', ['customer', 'admin']),
    support: await bearer('3', ['customer', 'support']),
    stranger: await bearer('2', ['customer']),
    asService,
    bad: new Map<Bad, string>([
      ...(await makeBadTokens(authUrl, key)),
      ['the wrong secret', basic('users', 's3cret0s3cret').authorization],
      ['no name', basic('').authorization],
      ['what is not base64', 'Basic %%%'],
      ['a token', await bearer('1', ['admin'])],
    ]),
  };
}

async function makeBadTokens(
  authUrl: string,
  key: ReturnType<typeof makeSigningKey>,
): Promise<[Bad, string][]> {
  const good = await signIn(authUrl, '1', ['admin']);
  const { kid } = await keyOf(authUrl);
  const now = Math.floor(Date.now() / 1_000);
  const usual = {
    iss: issuer,
    aud: audience,
    sub: '1',
    roles: ['admin'],
    jti: 'j',
    iat: now,
    exp: now + 900,
  };
  const sign = (claims: object, by: KeyObject | Uint8Array = key.privateKey, alg = 'EdDSA') =>
    new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg, kid }).sign(by);
  const [, claims = ''] = good.access_token.split('.');
  const publicBytes = new TextEncoder().encode(JSON.stringify(await exportJWK(key.publicKey)));
  const signedOut = await signIn(authUrl, '1', ['admin']);
  await ask('POST', `${authUrl}/logout`, { body: { token: signedOut.refresh_token } });
  const tokens: [Bad, string][] = [
    ['an expired token', await sign({ iat: now - 7_200, exp: now - 3_600 })],
    ['a token without end', await sign({ exp: undefined })],
    ['a token of a foreign key', await sign({}, makeSigningKey().privateKey)],
    ['a token signed with the public key', await sign({}, publicBytes, 'HS256')],
    ['a token with "alg": "none"', `${encoded({ alg: 'none' })}.${claims}.`],
    ['a token with changed claims', good.access_token.replace(claims, encoded({ ...usual, sub: '3' }))],
    ['a token of another issuer', await sign({ iss: 'urn:elsewhere' })],
    ['a token for another audience', await sign({ aud: 'elsewhere' })],
    ['a token of nobody', await sign({ sub: undefined })],
    ['a token of a session that was signed out', signedOut.access_token],
    ['a refresh token', good.refresh_token],
    ['nonsense', 's3cret0s3cret'],
  ];
  return [
    ['a password', basic('alice', 'alice').authorization],
    ['two words', 'Bearer s3cret0s3cret s3cret0s3cret'],
    ...tokens.map(([what, token]): [Bad, string] => [what, `Bearer ${token}`]),
  ];
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function keyOf(authUrl: string): Promise<{ kid: string }> {
  const { text } = await ask('GET', `${authUrl}/.well-known/jwks.json`);
  return JSON.parse(text).keys[0];
}
