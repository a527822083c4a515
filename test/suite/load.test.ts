import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { renderError, ShopctlError } from '../../src/errors/index.ts';
import { loadSuites } from '../../src/suite/index.ts';
import { folderWith } from './shop.ts';

async function problemsOf(yaml: string, files: Record<string, string> = {}): Promise<string[]> {
  const error = await errorOf(yaml, files);
  return error.problems.map(
    ({ message, place, hint }) =>
      `${place?.file}:${place?.line}:${place?.column} ${message}${hint === undefined ? '' : ` [${hint}]`}`,
  );
}

async function errorOf(yaml: string, files: Record<string, string> = {}): Promise<ShopctlError> {
  const folder = await folderWith({ 's.yaml': yaml, ...files });
  onTestFinished(folder.remove);
  try {
    await loadSuites({
      files: [join(folder.root, 's.yaml')],
      cwd: folder.root,
      services: ['users', 'order-service'],
      allServices: ['users', 'order-service', 'gateway'],
    });
  } catch (error) {
    if (error instanceof ShopctlError) return error;
    throw error;
  }
  throw new Error('the suite was accepted');
}

const step = (text: string) => `suite: S
tests:
  - test: t
    steps:
      - ${text}
`;

describe('loadSuites', () => {
  it('accepts services with hyphens by their underscore names', async () => {
    const folder = await folderWith({ 's.yaml': step('get: ${order_service}/${users}') });
    onTestFinished(folder.remove);
    const files = [join(folder.root, 's.yaml')];
    const suites = await loadSuites({ files, cwd: folder.root, services: ['users', 'order-service'] });
    expect(suites).toMatchObject([{ name: 'S', file: 's.yaml', tests: [{ name: 't' }] }]);
  });

  it.each([
    [
      'a misspelt step key',
      'gett: x',
      ['s.yaml:5:9 unknown key `gett` in `tests.0.steps.0` [did you mean `get`?]'],
    ],
    [
      'no kind',
      'id: x',
      [
        's.yaml:5:9 this step does nothing [a step has one of: get, post, put, patch, delete, head, options, use]',
      ],
    ],
    [
      'two kinds',
      '{ get: "${users}/", post: "${users}/" }',
      ['s.yaml:5:35 a step does one thing, not `get` and `post` [make it two steps]'],
    ],
    [
      'a key of another kind',
      '{ get: "${users}/", with: {} }',
      [
        's.yaml:5:29 unknown key `with` in `tests.0.steps.0` [known keys: get, post, put, patch, delete, head, options, id, headers, json, body, form, timeout, parallel, expect, poll, when]',
      ],
    ],
    [
      'a misspelt service',
      'get: ${usres}/api',
      ['s.yaml:5:16 there is no `usres` here [did you mean `users`?]'],
    ],
    [
      'a URL without service',
      'get: /api/users',
      [
        's.yaml:5:14 the URL `/api/users` does not say which service it goes to [start with a service, such as `${users}/api/users`]',
      ],
    ],
    ['an open expression', 'get: "${users}/${a"', ['s.yaml:5:24 this `${` has no closing `}`']],
    ['a syntax error', 'get: "${users}/${1 +}"', ['s.yaml:5:29 Unexpected token: EOF']],
    [
      'the answer outside of expect',
      'get: ${users}/${body.id}',
      [
        's.yaml:5:25 there is no `body` here [`body` is known in `expect` and `poll`; elsewhere give the step an `id` and write `<id>.body`]',
      ],
    ],
    [
      'an expression that cannot fail',
      '{ get: "${users}/", expect: { that: 1 == 1 } }',
      ['s.yaml:5:45 `1 == 1` looks at nothing, so it cannot fail'],
    ],
    [
      'a key twice beside a quoted expression',
      '{ get: "${users}/", get: "${users}/" }',
      ['s.yaml:5:29 Map keys must be unique'],
    ],
    [
      'a comparison with a matcher',
      '{ get: "${users}/", expect: { that: body.id != is.uuid() } }',
      [
        "s.yaml:5:45 `body.id != is.uuid()` uses a matcher, and no value is equal to one [matchers stand in `body`, `exactly` and `headers`; here write such as body.id.matches('^ord-')]",
      ],
    ],
    [
      'a header twice',
      '{ get: "${users}/", expect: { headers: { X-A: a, x-a: b } } }',
      ['s.yaml:5:63 the header `x-a` is already expected above'],
    ],
    [
      'a matcher that would be sent',
      '{ post: "${users}/", json: { id: ["${is.uuid()}"] } }',
      [
        's.yaml:5:46 `is.uuid()` is a matcher and cannot be sent [matchers stand in `body`, `exactly` and `headers` of `expect`]',
      ],
    ],
    [
      'a bad status',
      '{ get: "${users}/", expect: { status: 99 } }',
      [
        's.yaml:5:47 `tests.0.steps.0.expect.status` must be a status such as 201, a class such as 2xx, or a list of them (without it: 2xx), not 99',
      ],
    ],
    [
      'an empty expect',
      '{ get: "${users}/", expect: {} }',
      [
        's.yaml:5:37 `tests.0.steps.0.expect` must be a mapping of what the answer must be; checked once, after polling has ended, not an empty mapping',
      ],
    ],
    [
      'a bad time',
      '{ get: "${users}/", expect: { time: 500ms } }',
      ['s.yaml:5:45 `tests.0.steps.0.expect.time` must be an upper bound such as `< 500ms`, not "500ms"'],
    ],
    [
      'statuses of one request',
      '{ get: "${users}/", expect: { statuses: { 200: 1 } } }',
      ['s.yaml:5:49 `statuses` counts the answers of a `parallel` step [here write `status`]'],
    ],
    [
      'two bodies',
      '{ post: "${users}/", json: {}, form: {} }',
      ['s.yaml:5:46 a request has one body, not both `json` and `form`'],
    ],
    [
      'poll and parallel',
      '{ get: "${users}/", parallel: 2, poll: { until: status == 200 } }',
      ['s.yaml:5:48 a step cannot both poll and send requests in parallel'],
    ],
    [
      'an id that is a service',
      '{ get: "${users}/", id: users }',
      ['s.yaml:5:33 `users` is already the name of a service or parameter'],
    ],
    [
      'an id with a meaning',
      '{ get: "${users}/", id: body }',
      ['s.yaml:5:33 `body` has a meaning of its own and cannot be an id'],
    ],
    [
      'an id that is no name',
      '{ get: "${users}/", id: a-b }',
      [
        's.yaml:5:33 `a-b` cannot be a name [use letters, digits and `_`, and no word of the expression language]',
      ],
    ],
    ['a missing file', 'use: ./nope.yaml', ['s.yaml:5:14 nope.yaml cannot be read: there is no such file']],
  ])('refuses %s', async (_what, text, problems) => {
    expect(await problemsOf(step(text))).toEqual(problems);
  });

  it('finds everything at once, in all tests, and refuses what is there twice', async () => {
    const yaml = `suite: S
needs: [user, order-service]
tests:
  - test: t
    steps:
      - { id: a, get: "\${users}/" }
      - { id: a, get: "\${users}/\${b.body}" }
  - test: t
    steps:
      - get: \${users}/\${a.body}
`;
    expect(await problemsOf(yaml)).toEqual([
      's.yaml:2:9 there is no service `user` [did you mean `users`?]',
      's.yaml:8:11 the suite already has a test named `t`',
      's.yaml:7:35 there is no `b` here [in scope: a, env, order_service, services, users]',
      's.yaml:7:15 the id `a` is already taken by an earlier step',
      's.yaml:10:25 there is no `a` here [in scope: env, order_service, services, users]',
    ]);
  });

  it('finds mistakes of form and of meaning at the same time, and reports no mistake twice', async () => {
    const yaml = `suite: S
tests:
  - test: t
    steps:
      - { idd: a, get: "\${users}/" }
      - { id: a, gett: "\${users}/" }
      - { id: b, get: "\${users}/", expect: { stats: 200 } }
      - { get: "\${users}/\${a.body}/\${b.body}/\${c.body}" }
`;
    expect(await problemsOf(yaml)).toEqual([
      's.yaml:5:11 unknown key `idd` in `tests.0.steps.0` [did you mean `id`?]',
      's.yaml:6:18 unknown key `gett` in `tests.0.steps.1` [did you mean `get`?]',
      's.yaml:7:46 unknown key `stats` in `tests.0.steps.2.expect` [did you mean `status`?]',
      's.yaml:8:48 there is no `c` here [in scope: a, b, env, order_service, services, users]',
    ]);
  });

  it.each([
    ['no tests', 'suite: S\n', ['s.yaml:1:1 the key `tests` is missing']],
    [
      'an empty list of tests',
      'suite: S\ntests: []\n',
      ['s.yaml:2:8 `tests` must be a list of at least one test, not an empty list'],
    ],
    [
      'a test without steps',
      'suite: S\ntests: [{ test: a, steps: [] }]\n',
      ['s.yaml:2:27 `tests.0.steps` must be a list of at least one step, not an empty list'],
    ],
    ['nothing at all', '', ['s.yaml:1:1 the file must be a mapping with `suite` and `tests`, not empty']],
    [
      'broken YAML',
      'suite: [',
      ['s.yaml:1:9 Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
  ])('refuses a suite with %s', async (_what, yaml, problems) => {
    expect(await problemsOf(yaml)).toEqual(problems);
  });

  it('checks used files: parameters, results, circles, and what is in them', async () => {
    const yaml = `suite: S
tests:
  - test: t
    steps:
      - use: a.yaml
        with: { usr: x }
        as: a
      - use: circle.yaml
`;
    expect(
      await problemsOf(yaml, {
        'a.yaml': 'params: [user]\nsteps:\n  - get: ${users}/${usr}\n',
        'circle.yaml': 'steps:\n  - use: circle.yaml\n',
      }),
    ).toEqual([
      'a.yaml:3:21 there is no `usr` here [did you mean `user`?]',
      's.yaml:6:22 the file has no parameter `usr` [did you mean `user`?]',
      's.yaml:5:14 the parameter `user` is missing in `with`',
      's.yaml:7:13 the file has no `returns`, so there is nothing to name',
      'circle.yaml:2:10 the file uses itself: s.yaml → circle.yaml → circle.yaml',
    ]);
  });

  it('shows the mistakes with place, frame and remedy', async () => {
    const error = await errorOf(step('get: ${usres}/api'));
    expect(error).toMatchObject({ code: 'suite-invalid', exitCode: 2 });
    await expect(renderError(error, false)).toMatchFileSnapshot('../golden/suite-invalid.txt');
  });
});
