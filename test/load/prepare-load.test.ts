import { describe, expect, test } from 'vitest';
import type { LoadRequest } from '../../src/config/index.ts';
import { prepareLoad } from '../../src/load/index.ts';
import { profile, project, request, service } from './builders.ts';

const prepare = (over: Partial<LoadRequest>) => {
  const one = profile({ requests: [request(over)] });
  return prepareLoad({
    project: project([service('users', 1)], [one]),
    profile: one,
    env: { TOKEN: 'x\ny' },
    cwd: '/nowhere',
  });
};

test('a request is rendered once to learn where it goes', async () => {
  const { targets } = await prepare({ url: '${users}/a b?q=1' });
  expect(targets).toMatchObject([
    { request: 'list', wire: { origin: 'http://127.0.0.1:1', host: '127.0.0.1:1', path: '/a%20b?q=1' } },
  ]);
});

describe('a request that cannot be sent is found before the run', () => {
  test.each<[string, Partial<LoadRequest>, RegExp]>([
    ['an unknown name', { url: '${user}/x' }, /there is no `user`/],
    ['an unclosed expression', { url: '${users' }, /./],
    ['no URL', { url: '/api/users' }, /is not a URL/],
    ['neither http nor https', { url: 'ftp://127.0.0.1/x' }, /over http and https only/],
    ['credentials', { url: 'http://me:secret@127.0.0.1/x' }, /holds a user or a password/],
    ['a header with a line break', { headers: { 'x-a': '${env.TOKEN}' } }, /`x-a` contains a line break/],
    ['a variable that is not set', { headers: { 'x-a': '${env.MISSING}' } }, /MISSING is not set/],
  ])('%s', async (_, over, message) => {
    await expect(prepare(over)).rejects.toMatchObject({
      code: 'config-invalid',
      exitCode: 2,
      problems: [{ message: expect.stringMatching(message), place: { file: 'e2e.config.yaml' } }],
    });
  });
});

describe('load stays on this machine', () => {
  test.each([
    'http://example.com/',
    'http://10.0.0.1:80/',
    'http://[2001:db8::1]/',
    'http://127.0.0.1.example.com/',
  ])('%s is refused, naming the request', async (url) => {
    await expect(prepare({ url })).rejects.toMatchObject({
      code: 'load-target-remote',
      exitCode: 2,
      message: expect.stringContaining('`list`'),
    });
  });

  test.each(['http://127.0.0.1/', 'http://127.9.9.9:81/', 'http://[::1]:82/', 'http://localhost:83/'])(
    '%s is allowed',
    async (url) => {
      await expect(prepare({ url })).resolves.toMatchObject({ targets: [{ request: 'list' }] });
    },
  );
});
