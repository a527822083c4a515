import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/model/index.ts';
import { runYaml } from './run-yaml.ts';
import type { Seen } from './shop.ts';

const orders = ({ method, path, body }: Seen) => {
  if (method === 'POST' && path === '/orders') {
    const order: unknown = JSON.parse(body);
    return { status: 201, json: { id: 7, total: '4.99', order }, headers: { location: '/orders/7' } };
  }
  return path === '/orders/7' ? { json: { id: 7, status: 'confirmed' } } : { status: 404, json: {} };
};

describe('runSuites', () => {
  it('sends what the file says, captures answers and keeps types', async () => {
    const { tests, server } = await runYaml(
      `
suite: Orders
tests:
  - test: an order is there after it was placed
    steps:
      - id: order
        post: \${shop}/orders
        headers: { x-id: "\${1 + 1}" }
        json: { n: "\${2 * 3}", text: "n=\${2 * 3}", list: ["\${true}", null] }
        expect:
          status: 201
          headers: { location: "/orders/\${body.id}" }
          body: { id: "\${is.int()}", order: { n: 6, text: n=6, list: [true, null] } }
          that: money(body.total) == 499
      - get: \${shop}/orders/\${order.body.id}
        expect: { exactly: { id: "\${order.body.id}", status: confirmed }, time: < 20s }
`,
      { answer: orders },
    );
    expect(tests).toMatchObject([{ outcome: 'passed', failures: [] }]);
    expect(server.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /orders',
      'GET /orders/7',
    ]);
    expect(server.seen[0]?.headers['x-id']).toBe('2');
  });

  it('fails a step without expectations when the answer is no 2xx', async () => {
    const { tests } = await runYaml(
      `
suite: S
tests:
  - test: a server error never passes
    steps: [{ get: "\${shop}/" }]
`,
      { answer: () => ({ status: 500 }) },
    );
    expect(tests[0]).toMatchObject({
      outcome: 'failed',
      failures: [{ message: 'status is 500, expected 2xx', exchange: { response: { status: 500 } } }],
    });
  });

  it('leaves out a step whose condition is false, also in a file that is used, and says so', async () => {
    const { tests, server } = await runYaml(
      `
suite: S
tests:
  - test: what was not bought is not called off
    steps:
      - { id: order, get: "\${shop}/order" }
      - { when: order.status == 201, post: "\${shop}/never" }
      - { when: order.status == 200, post: "\${shop}/always" }
      - { use: ../shared.yaml, with: { wanted: false } }
`,
      {
        files: {
          'shared.yaml':
            'params: [wanted]\nsteps: [{ when: wanted, get: "${shop}/a" }, { when: "!wanted", get: "${shop}/b" }]\n',
        },
      },
    );
    expect(server.seen.map(({ path }) => path)).toEqual(['/order', '/always', '/b']);
    expect(tests[0]).toMatchObject({
      outcome: 'passed',
      steps: [{ outcome: 'passed' }, { outcome: 'skipped' }, { outcome: 'passed' }, { outcome: 'passed' }],
    });
  });

  it('fails a step whose condition is neither true nor false', async () => {
    const { tests } = await runYaml(`
suite: S
tests:
  - test: T
    steps:
      - { id: order, get: "\${shop}/order" }
      - { when: order.status, get: "\${shop}/order" }
`);
    expect(tests[0]?.failures).toMatchObject([
      { message: '`when` is 200, and not true or false', place: { line: 7, column: 17 } },
    ]);
  });

  it('reports every expectation that is not met, with differences, values and places', async () => {
    const { tests } = await runYaml(
      `suite: S
tests:
  - test: everything is wrong
    steps:
      - get: \${shop}/
        expect:
          status: 201
          headers: { x-a: b }
          body: { total: "5.00", items: [1] }
          that: [body.total == "5.00", body.nope == 1]
`,
      { answer: () => ({ json: { total: '4.99', items: [1, 2] } }) },
    );
    const [failure] = tests[0]?.failures ?? [];
    expect(failure?.place).toMatchObject({ line: 7, column: 19 });
    expect(failure?.mismatches).toMatchObject([
      { subject: 'status', message: 'status is 200, expected 201' },
      { subject: 'headers', differences: [{ path: 'headers["x-a"]', kind: 'missing', expected: '"b"' }] },
      {
        subject: 'body',
        differences: [
          { path: 'body.total', kind: 'changed', expected: '"5.00"', received: '"4.99"' },
          { path: 'body.items[1]', kind: 'unexpected', received: '2' },
        ],
      },
      {
        subject: 'that',
        message: 'false: body.total == "5.00"',
        place: { line: 10 },
        trace: [{ source: 'body.total', value: '4.99' }],
      },
      { subject: 'that', message: '`body` has no `nope`: body.nope == 1' },
    ]);
  });

  it('runs every row of cases as a test of its own', async () => {
    const { tests, server } = await runYaml(`
suite: S
tests:
  - test: rows
    cases: [{ item: 1, name: one }, { item: 2, q: "\${1 + 1}" }]
    steps: [{ get: "\${shop}/\${case.item}" }]
`);
    expect(tests.map((test) => test.case)).toEqual(['one', 'item: 2, q: ${1 + 1}']);
    expect(server.seen.map(({ path }) => path)).toEqual(['/1', '/2']);
  });

  it('stops at the first failing step, and runs always with the captures that exist', async () => {
    const { tests, server } = await runYaml(
      `
suite: S
always: [{ get: "\${shop}/suite-always" }]
tests:
  - test: t
    steps:
      - { id: a, get: "\${shop}/a" }
      - { get: "\${shop}/bad" }
      - { id: late, get: "\${shop}/never" }
    always:
      - get: \${shop}/late/\${late.status}
      - get: \${shop}/bad
      - get: \${shop}/after/\${a.status}
`,
      { answer: ({ path }) => ({ status: path === '/bad' ? 500 : 200 }) },
    );
    expect(server.seen.map(({ path }) => path)).toEqual([
      '/a',
      '/bad',
      '/bad',
      '/after/200',
      '/suite-always',
    ]);
    expect(tests[0]?.failures.map(({ phase }) => phase)).toEqual(['steps', 'always']);
    expect(tests[0]?.steps.map(({ phase, outcome }) => `${phase} ${outcome}`)).toEqual([
      'steps passed',
      'steps failed',
      'always skipped',
      'always failed',
      'always passed',
      'always passed',
    ]);
  });

  it('does not run the steps when before fails, and fails the test', async () => {
    const { tests, server } = await runYaml(
      `
suite: S
before: [{ get: "\${shop}/before" }]
tests:
  - test: t
    steps: [{ get: "\${shop}/step" }]
    always: [{ get: "\${shop}/always" }]
`,
      { answer: ({ path }) => ({ status: path === '/before' ? 503 : 200 }) },
    );
    expect(server.seen.map(({ path }) => path)).toEqual(['/before', '/always']);
    expect(tests[0]).toMatchObject({ outcome: 'failed', failures: [{ phase: 'before' }] });
  });

  it('polls until true, and checks expectations once afterwards', async () => {
    const { tests, server } = await runYaml(
      `
suite: S
tests:
  - test: t
    steps:
      - get: \${shop}/
        poll: { until: body.state == "done", every: 1ms, timeout: 20s }
        expect: { body: { n: 3 } }
`,
      { answer: (_seen, n) => ({ json: n < 3 ? { n } : { n, state: 'done' } }) },
    );
    expect(tests[0]).toMatchObject({ outcome: 'passed' });
    expect(server.seen).toHaveLength(3);
  });

  it('ends polling at once when fail becomes true, and by the clock otherwise, showing the last exchange', async () => {
    const poll = (more: string) => `
suite: S
tests:
  - test: t
    steps:
      - get: \${shop}/
        poll: { until: body.state == "done", every: 1ms, ${more} }
`;
    const answer = () => ({ json: { state: 'failed' } });
    const failed = await runYaml(poll('fail: body.state == "failed", timeout: 20s'), { answer });
    expect(failed.tests[0]?.failures[0]).toMatchObject({
      message: 'polling failed: body.state == "failed" became true',
      exchange: { response: { json: { state: 'failed' } } },
    });
    const late = await runYaml(poll('timeout: 2s'), { answer });
    expect(late.tests[0]?.failures[0]?.message).toMatch(
      /^not true within 2 s \(\d+ requests?\): body\.state == "done"$/,
    );
    expect(late.tests[0]?.failures[0]?.mismatches).toMatchObject([
      { subject: 'poll', trace: [{ source: 'body.state', value: 'failed' }] },
    ]);
  });

  it('sends requests in parallel, each with values of its own, and counts their statuses', async () => {
    const yaml = (counts: string) => `
suite: S
tests:
  - test: one payment only
    steps:
      - id: pay
        parallel: 20
        post: \${shop}/pay
        headers: { idempotency-key: "\${uuid()}" }
        expect:
          statuses: ${counts}
          that: responses.filter(r, r.status == 201).size() == 1
      - get: \${shop}/\${pay.statuses.filter(s, s == 409).size()}
`;
    const answer = ({ method }: Seen, n: number) => ({
      status: method === 'GET' ? 200 : n === 5 ? 201 : 409,
    });
    const good = await runYaml(yaml('{ 201: 1, 409: 19 }'), { answer });
    expect(good.tests[0]).toMatchObject({ outcome: 'passed' });
    expect(good.server.seen.at(-1)?.path).toBe('/19');
    expect(new Set(good.server.seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(21);
    const bad = await runYaml(yaml('{ 2xx: 2 }'), { answer });
    expect(bad.tests[0]?.failures[0]?.message).toBe('statuses are 1 × 201, 19 × 409, expected 2 × 2xx');
  });

  it('tells the requests of a parallel step apart by their index', async () => {
    const { tests, server } = await runYaml(
      `suite: S
tests:
  - test: t
    steps:
      - id: made
        post: "\${shop}/first/\${index}"
        parallel: 3
      - post: "\${shop}/second"
        parallel: 3
        json: { of: "\${made.responses[index].body.path}", at: "\${index}" }
`,
      { answer: ({ path }) => ({ json: { path } }) },
    );
    expect(tests.map(({ outcome }) => outcome)).toEqual(['passed']);
    const second = server.seen.filter(({ path }) => path === '/second').map(({ body }) => JSON.parse(body));
    expect(second.sort((one, other) => one.at - other.at)).toEqual(
      [0, 1, 2].map((at) => ({ of: `/first/${at}`, at })),
    );
  });

  it('expects 2xx of every answer of a parallel step that says nothing else', async () => {
    const { tests } = await runYaml(
      `
suite: S
tests:
  - test: t
    steps: [{ get: "\${shop}/", parallel: 4 }]
`,
      { answer: (_seen, n) => ({ status: n === 3 ? 503 : 200 }) },
    );
    expect(tests[0]?.failures[0]?.message).toBe('1 of 4 answers is wrong: status is 503, expected 2xx');
  });

  it('uses the steps of another file with parameters in and values out', async () => {
    const { tests, server } = await runYaml(
      `
suite: S
tests:
  - test: t
    steps:
      - use: ../shared/login.yaml
        with: { user: "\${'a' + 'b'}" }
        as: session
      - get: \${shop}/me
        headers: { authorization: "Bearer \${session.token}" }
      - use: ../shared/login.yaml
        with: { user: bad, realm: other }
`,
      {
        files: {
          'shared/login.yaml': `
params: [user]
defaults: { realm: main }
steps:
  - id: login
    post: \${shop}/login
    json: { user: "\${user}", realm: "\${realm}" }
returns: { token: "\${login.body.token}" }
`,
        },
        answer: ({ body }) => ({ status: body.includes('bad') ? 401 : 200, json: { token: 'abcdef' } }),
      },
    );
    expect(server.seen.map(({ body }) => body)).toEqual([
      '{"user":"ab","realm":"main"}',
      '',
      '{"user":"bad","realm":"other"}',
    ]);
    expect(server.seen[1]?.headers.authorization).toBe('Bearer abcdef');
    expect(tests[0]?.failures).toMatchObject([
      {
        message: 'status is 401, expected 2xx',
        place: { file: 'shared/login.yaml', line: 6 },
        usedFrom: [{ file: 'suites/main.yaml', line: 11 }],
      },
    ]);
  });

  it('fails the test whose exchange breaks a contract, and shows every exchange to the check', async () => {
    const { tests, result } = await runYaml(
      `
suite: S
tests:
  - test: breaks it
    steps: [{ get: "\${shop}/bad" }, { get: "\${shop}/never" }]
  - test: keeps it
    steps: [{ get: "\${shop}/good" }]
`,
      {
        checkExchange: ({ request }) =>
          request.url.endsWith('/bad')
            ? [{ rule: 'required', message: 'id is missing', subject: 'shop#get', pointer: '/id' }]
            : [],
      },
    );
    expect(tests.map(({ outcome }) => outcome)).toEqual(['failed', 'passed']);
    expect(tests[0]?.failures[0]?.mismatches).toEqual([
      { subject: 'contract', message: 'shop#get: /id: id is missing (required)' },
    ]);
    expect(result).toMatchObject({ counts: { passed: 1, failed: 1, skipped: 0 }, exchanges: 2 });
  });

  it('tells a refused connection as a failure of the step', async () => {
    const { tests } = await runYaml('suite: S\ntests: [{ test: t, steps: [{ get: "${shop}/" }] }]', {
      services: { shop: 'http://127.0.0.1:1' },
    });
    expect(tests[0]?.failures[0]?.message).toBe('connection refused: nothing listens on 127.0.0.1:1');
  });

  it('skips what comes after the first failure with bail, and says why', async () => {
    const { tests } = await runYaml(
      `
suite: S
tests:
  - { test: a, steps: [{ get: "\${shop}/" }] }
  - { test: b, steps: [{ get: "\${shop}/" }] }
`,
      { bail: true, answer: () => ({ status: 500 }) },
    );
    expect(tests.map(({ outcome, skipped }) => [outcome, skipped])).toEqual([
      ['failed', undefined],
      ['skipped', 'an earlier test failed (--bail)'],
    ]);
  });

  it('stops when it is told to, runs always, and calls unfinished tests skipped', async () => {
    const controller = new AbortController();
    const { result, tests, server } = await runYaml(
      `
suite: S
tests:
  - test: hangs
    steps: [{ get: "\${shop}/hang" }]
    always: [{ get: "\${shop}/clean-up" }]
  - { test: never, steps: [{ get: "\${shop}/never" }] }
`,
      {
        signal: controller.signal,
        answer: ({ path }) => {
          if (path !== '/hang') return {};
          controller.abort();
          return undefined;
        },
      },
    );
    expect(result.interrupted).toBe(true);
    expect(tests.map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped']);
    expect(server.seen.map(({ path }) => path)).toEqual(['/hang', '/clean-up']);
  });

  it('draws the same values for the same seed, whatever else runs', async () => {
    const yaml = (more: string) => `
suite: S
tests:
  ${more}
  - test: t
    steps: [{ get: "\${shop}/\${uuid()}/\${fake.int(1, 1000000)}" }]
`;
    const last = async (more: string, seed: number) =>
      (await runYaml(yaml(more), { seed, now: () => 0 })).server.seen.at(-1)?.path;
    const first = await last('', 7);
    expect(await last('- { test: other, steps: [{ get: "${shop}/${uuid()}" }] }', 7)).toBe(first);
    expect(await last('', 8)).not.toBe(first);
  });

  it('runs suites at the same time with jobs, and their tests in order', async () => {
    const suite = (name: string) => `
suite: ${name}
tests:
  - { test: a, steps: [{ get: "\${shop}/${name}/1" }] }
  - { test: b, steps: [{ get: "\${shop}/${name}/2" }] }
`;
    const { result, server } = await runYaml(suite('one'), {
      files: { 'suites/two.yaml': suite('two') },
      jobs: 2,
    });
    expect(result.counts).toEqual({ passed: 4, failed: 0, skipped: 0 });
    const pathsOf = (name: string) =>
      server.seen.map(({ path }) => path).filter((path) => path.includes(name));
    expect(pathsOf('one')).toEqual(['/one/1', '/one/2']);
    expect(pathsOf('two')).toEqual(['/two/1', '/two/2']);
  });

  it('tells what happens as it happens', async () => {
    const events: RunEvent[] = [];
    await runYaml('suite: S\ntests: [{ test: t, steps: [{ get: "${shop}/" }] }]', {
      onEvent: (event) => events.push(event),
    });
    expect(events.map(({ type }) => type)).toEqual(['run-started', 'test-finished', 'run-finished']);
  });

  it('masks secrets of the environment and of headers everywhere in the result', async () => {
    const { result } = await runYaml(
      `
suite: S
tests:
  - test: t
    steps:
      - get: \${shop}/?q=\${env.API_KEY}
        headers: { authorization: "Bearer \${'top' + '-secret'}" }
        expect: { status: 201 }
`,
      {
        env: { API_KEY: 'k-12345' },
        answer: () => ({ json: { access_token: 'tok-1', echo: 'top-secret k-12345' } }),
      },
    );
    const text = JSON.stringify(result);
    for (const secret of ['k-12345', 'top-secret', 'tok-1']) expect(text).not.toContain(secret);
    expect(text).toContain('?q=***');
  });

  it('keeps outcomes and kinds of difference apart from secrets that happen to be the same words', async () => {
    const { result } = await runYaml(
      `
suite: S
tests:
  - test: t
    steps: [{ get: "\${shop}/", expect: { body: { id: 1 } } }]
`,
      {
        answer: () => ({
          json: { token_status: 'failed', password_state: 'missing', secret_phase: 'steps1' },
        }),
      },
    );
    expect(result.counts).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(result.suites[0]?.tests[0]).toMatchObject({
      outcome: 'failed',
      steps: [{ phase: 'steps', outcome: 'failed' }],
      failures: [{ phase: 'steps', mismatches: [{ differences: [{ path: 'body.id', kind: 'missing' }] }] }],
    });
    expect(JSON.stringify(result)).not.toContain('steps1');
  });

  it('takes a body that is announced as JSON and is none for no text', async () => {
    const { tests } = await runYaml(
      `
suite: S
tests:
  - test: broken JSON
    steps: [{ get: "\${shop}/", expect: { body: "\${is.string()}" } }]
`,
      { answer: () => ({ text: '{"a":', headers: { 'content-type': 'application/json' } }) },
    );
    expect(tests[0]?.failures[0]?.mismatches).toMatchObject([
      {
        subject: 'body',
        message: 'the body is announced as application/json, but cannot be read as JSON',
      },
    ]);
  });

  it('masks a short secret in differences and values by the name under which it stands', async () => {
    const { result } = await runYaml(
      `
suite: S
tests:
  - test: t
    steps:
      - get: "\${shop}/"
        expect: { body: { token: "\${is.int()}" }, that: "body.token.size() == 1" }
`,
      { answer: () => ({ json: { token: 'a1b' } }) },
    );
    expect(result.suites[0]?.tests[0]?.failures[0]?.mismatches).toMatchObject([
      { differences: [{ expected: 'is.int()', received: '***' }] },
      { trace: [{ value: 3 }, { source: 'body.token', value: '***' }] },
    ]);
    expect(JSON.stringify(result)).not.toContain('a1b');
  });
});
