import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../../ask.ts';
import { startIssuer } from '../../issue-token.ts';
import { startGuarded } from './guarded-service.ts';

async function guarded() {
  const issuer = await startIssuer();
  onTestFinished(issuer.stop);
  const { url } = await startGuarded({ auth: issuer.auth });
  const browse = (headers: Record<string, string>) => ask('GET', `${url}/optional`, { headers });
  return { issuer, browse };
}

it('a route with an optional token is open to whoever sends none, and knows whoever sends one', async () => {
  const { issuer, browse } = await guarded();
  expect((await browse({})).body).toEqual({ kind: 'anonymous', roles: [] });
  expect((await browse(await issuer.asUser('7'))).body).toMatchObject({ kind: 'user', id: '7' });
});

it('a token that does not count is refused there too', async () => {
  const { issuer, browse } = await guarded();
  expect((await browse({ authorization: 'Bearer nonsense' })).status).toBe(401);
  const token = await issuer.token({ sub: '7', roles: ['customer'] });
  issuer.revoke(token);
  expect((await browse({ authorization: `Bearer ${token}` })).status).toBe(401);
});

it('while the auth service is away everybody is nobody there', async () => {
  const { issuer, browse } = await guarded();
  const authorization = await issuer.asUser('7');
  await issuer.stop();
  const answered = await browse(authorization);
  expect(answered.status).toBe(200);
  expect(answered.body).toEqual({ kind: 'anonymous', roles: [] });
});
