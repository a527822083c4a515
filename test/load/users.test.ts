import { setTimeout as later } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { loadProject } from '../../src/config/index.ts';
import { type LoadRun, prepareLoad, runLoad } from '../../src/load/index.ts';
import type { LoadResult } from '../../src/model/index.ts';
import { folderWith, type Reply, type Seen, startServer, type TestServer } from '../suite/shop.ts';

// Real users against a real server. Their number of journeys is bounded, so that nothing depends on how fast they are.

interface Ran {
  readonly result: LoadResult;
  readonly server: TestServer;
}

type Answer = Parameters<typeof startServer>[0];

/** Drives the profile `shopping` of a configuration that knows one service, `shop`. */
async function drive(
  profile: string,
  answer: Answer,
  run: Partial<LoadRun> & { files?: Record<string, string> } = {},
): Promise<Ran> {
  const server = await startServer(answer);
  onTestFinished(() => server.close());
  return { result: await driveAt(server.url, profile, run), server };
}

async function driveAt(
  url: string,
  profile: string,
  { files = {}, ...run }: Partial<LoadRun> & { files?: Record<string, string> } = {},
): Promise<LoadResult> {
  const folder = await folderWith({
    'e2e.config.yaml': `services: { shop: { url: "${url}" } }\nload:\n  shopping:\n    warmup: 0s\n${profile}`,
    ...files,
  });
  onTestFinished(() => folder.remove());
  const project = loadProject({ file: 'e2e.config.yaml', cwd: folder.root, env: {} });
  const one = project.load.get('shopping');
  if (one === undefined) throw new Error('no profile');
  const prepared = await prepareLoad({ project, profile: one, env: {}, cwd: folder.root });
  const signal = new AbortController().signal;
  return runLoad(prepared, { seed: 7, signal, onSecond: () => undefined, ...run });
}

const BUYING = `
    users: 4
    duration: 5m
    iterations: 20
    journey:
      - use: ./login.yaml
        with: { name: "u-\${user}-\${iteration}" }
        as: buyer
      - id: order
        post: \${shop}/orders
        headers: { authorization: "\${buyer.token}" }
        json: { user: "\${user}" }
        expect: { status: 201 }
      - { when: order.body.user == 1, delete: "\${shop}/orders/\${order.body.id}" }
    always:
      - { id: bye, post: "\${shop}/logout" }
`;
const LOGIN = `
params: [name]
steps: [{ id: login, post: "\${shop}/login", json: { name: "\${name}" } }]
returns: { token: "\${login.body.token}" }
`;

function shop({ method, path, body }: Seen): Reply {
  if (path === '/login') return { json: { token: 'secret-token-of-a-user' } };
  if (method === 'POST' && path === '/orders') {
    const sent: unknown = JSON.parse(body);
    return { status: 201, json: { ...Object(sent), id: 9 } };
  }
  return { json: {} };
}

const paths = ({ seen }: TestServer) => seen.map(({ method, path }) => `${method} ${path}`);
const count = (all: readonly string[], one: string) => all.filter((each) => each === one).length;

test('every exchange is counted under the name of its step, and agrees with what the server saw', async () => {
  const { result, server } = await drive(BUYING, shop, { files: { 'login.yaml': LOGIN } });
  expect(result.journeys).toMatchObject({ users: 4, started: 20, completed: 20, failed: 0, cut: 0 });
  expect(result.journeys?.duration.samples).toBe(20);
  const seen = paths(server);
  expect(count(seen, 'POST /logout')).toBe(20);
  expect(result.requests.map(({ name, completed }) => [name, completed])).toEqual([
    ['login', 20],
    ['order', 20],
    ['DELETE shop/orders/${order.body.id}', count(seen, 'DELETE /orders/9')],
    ['bye', 20],
  ]);
  expect(result.total).toMatchObject({ completed: seen.length, expected: seen.length, errorRatio: 0 });
  expect(result).toMatchObject({ model: 'closed model, 4 users', processes: 1, verdict: 'passed' });
  expect(result.generator.processes).toHaveLength(1);
});

test('a journey fails with its first failing step, its last steps run nevertheless, and no secret is told', async () => {
  const broken = (seen: Seen) =>
    seen.path === '/orders'
      ? { status: 503, json: { why: `not for ${seen.headers.authorization}` } }
      : shop(seen);
  const profile = BUYING.replace('{ status: 201 }', '{ status: 201, body: { why: x } }');
  const thresholds = `    thresholds: [journeys.errors < 1%, journeys.count == 20, order.errors == 1, bye.errors == 0]\n`;
  const { result, server } = await drive(profile + thresholds, broken, { files: { 'login.yaml': LOGIN } });
  expect(result.journeys).toMatchObject({
    ...{ completed: 0, failed: 20, errorRatio: 1 },
    failures: [{ step: 'order', cause: 'answered 503', count: 20 }],
  });
  const { firstFailures = [] } = result.journeys ?? {};
  expect(firstFailures).toHaveLength(10);
  expect(firstFailures[0]).toMatchObject({
    step: 'order',
    message: expect.stringContaining('status is 503, expected 201'),
    place: { file: 'e2e.config.yaml' },
  });
  expect(JSON.stringify(result)).not.toContain('secret-token-of-a-user');
  expect(count(paths(server), 'POST /logout')).toBe(20);
  expect(result.thresholds.map(({ verdict }) => verdict)).toEqual(['failed', 'passed', 'passed', 'passed']);
  expect(result).toMatchObject({ verdict: 'failed', total: { unexpected: 20, expected: 40 } });
});

test('answers that a poll goes on asking for are no errors, and the last one is when the step fails', async () => {
  let asked = 0;
  const { result } = await drive(
    `
    users: 1
    duration: 5m
    iterations: 1
    journey: [{ id: wait, get: "\${shop}/order", poll: { until: body.done, fail: body.n == 3, every: 1ms } }]
`,
    () => {
      asked += 1;
      return { json: { done: false, n: asked } };
    },
  );
  expect(result.requests).toMatchObject([{ name: 'wait', completed: 3, expected: 2, unexpected: 1 }]);
  expect(result.journeys?.failures).toEqual([{ step: 'wait', cause: 'answered 200', count: 1 }]);
});

test('every wrong answer of a parallel step is an error', async () => {
  let asked = 0;
  const { result } = await drive(
    `
    users: 1
    duration: 5m
    iterations: 1
    journey: [{ id: many, parallel: 6, get: "\${shop}/", expect: { status: 200 } }]
`,
    () => {
      asked += 1;
      return { status: asked <= 4 ? 500 : 200 };
    },
  );
  expect(result.requests).toMatchObject([{ name: 'many', completed: 6, expected: 2, unexpected: 4 }]);
});

test('nothing begins after the window, and what runs then is finished', async () => {
  // The order is answered when the window is over, and only then paid.
  const windowMs = 4_000;
  const { result, server } = await drive(
    `
    users: 1
    duration: ${windowMs}ms
    journey:
      - { id: order, post: "\${shop}/orders" }
      - { id: pay, post: "\${shop}/pay" }
    always: [{ id: bye, post: "\${shop}/logout" }]
`,
    ({ path }) => (path === '/orders' ? later(windowMs + 500, { json: {} }) : { json: {} }),
  );
  expect(paths(server)).toEqual(['POST /orders', 'POST /pay', 'POST /logout']);
  expect(result.journeys).toMatchObject({ started: 1, completed: 1, cut: 0, endedLate: 1, ratePerSecond: 0 });
  expect(result.requests.map(({ name, started }) => [name, started])).toEqual([
    ['order', 1],
    ['pay', 0],
    ['bye', 0],
  ]);
});

const HANGING = `
    users: 2
    duration: 4s
    journey:
      - { id: cart, post: "\${shop}/cart" }
      - { id: order, post: "\${shop}/orders" }
    always: [{ id: bye, delete: "\${shop}/cart" }]
`;

test('what does not come to its end within the grace is cut off, and its last steps run', async () => {
  const { result, server } = await drive(
    HANGING,
    ({ path }) => (path === '/orders' ? undefined : { json: {} }),
    { graceMs: 100 },
  );
  expect(paths(server).sort()).toEqual([
    ...['DELETE /cart', 'DELETE /cart', 'POST /cart', 'POST /cart', 'POST /orders', 'POST /orders'],
  ]);
  expect(result.journeys).toMatchObject({ started: 2, completed: 0, failed: 0, cut: 2, firstFailures: [] });
  expect(result.requests.find(({ name }) => name === 'order')).toMatchObject({ started: 2, abandoned: 2 });
});

test('an interruption cuts journeys off, runs their last steps, and gives the numbers so far', async () => {
  const stop = new AbortController();
  let orders = 0;
  const { result, server } = await drive(
    HANGING.replace('4s', '5m'),
    ({ path }) => {
      if (path !== '/orders') return { json: {} };
      orders += 1;
      if (orders === 2) stop.abort();
      return undefined;
    },
    { signal: stop.signal },
  );
  expect(result).toMatchObject({
    verdict: 'interrupted',
    total: { completed: 4, abandoned: 2 },
    journeys: { started: 2, cut: 2 },
  });
  expect(count(paths(server), 'DELETE /cart')).toBe(2);
});

test('a seed replays what each user sends', async () => {
  const profile = `
    users: 3
    duration: 5m
    iterations: 3
    journey: [{ post: "\${shop}/", json: { user: "\${user}", chance: "\${fake.int(1, 1000000)}" } }]
`;
  const sent = async (seed: number) => {
    const { server } = await drive(profile, () => ({ json: {} }), { seed });
    return server.seen.map(({ body }) => body).sort();
  };
  const first = await sent(7);
  expect(new Set(first).size).toBe(3);
  expect(await sent(7)).toEqual(first);
  expect(await sent(8)).not.toEqual(first);
});

test('a user pauses between two steps', async () => {
  const { result } = await drive(
    `
    users: 1
    duration: 5m
    iterations: 2
    pause: 100ms
    journey: [{ get: "\${shop}/a" }, { get: "\${shop}/b" }, { get: "\${shop}/c" }]
`,
    () => ({ json: {} }),
  );
  // Timers may go off a little early by another clock.
  expect(result.journeys?.duration.minMs).toBeGreaterThan(190);
  expect(result.journeys?.pauseMs).toBe(100);
});

test('an answer that leads to another machine ends the run, and nothing is sent there', async () => {
  const profile = `
    users: 2
    duration: 5m
    journey: [{ id: first, get: "\${shop}/" }, { id: second, get: "\${first.body.next}" }]
`;
  await expect(drive(profile, () => ({ json: { next: 'http://192.0.2.1/' } }))).rejects.toMatchObject({
    code: 'load-target-remote',
    message: 'the step `second` aims at http://192.0.2.1, which is not this machine',
  });
});

test('a target that goes away ends the run', async () => {
  const server = await startServer(({ path }, asked) => {
    if (asked === 3) void server.close();
    return path === '/gone' ? undefined : { json: {}, headers: { connection: 'close' } };
  });
  const result = await driveAt(
    server.url,
    '    users: 1\n    duration: 5m\n    journey: [{ get: "${shop}/" }]\n',
  );
  expect(result).toMatchObject({ verdict: 'target-lost', suspect: true });
  expect(result.journeys?.failures[0]?.cause).toMatch(/^(refused|reset)$/);
});

test('a journey that cannot even send its first request does not hang', async () => {
  const { result, server } = await drive(
    '    users: 2\n    duration: 5m\n    iterations: 50\n    journey: [{ id: one, get: "${shop}/${[1][user]}" }]\n',
    () => ({ json: {} }),
  );
  expect(server.seen).toEqual([]);
  expect(result).toMatchObject({
    verdict: 'inconclusive',
    journeys: { failed: 50, failures: [{ step: 'one', cause: 'nothing sent', count: 50 }] },
  });
});

test('what is wrong with steps is found before the run, with its place, also in a file that is used', async () => {
  const profile = `
    journey:
      - { use: ./login.yaml, with: { nme: x }, as: buyer }
      - { id: order, get: "\${shp}/", headers: { authorization: "\${buyer.token}" } }
    thresholds: [ordr.p95 < 1s, journeys.timeouts == 0]
`;
  const wrong = driveAt('http://127.0.0.1:1', profile, {
    files: { 'login.yaml': LOGIN.replace('{shop}', '{shpo}') },
  });
  await expect(wrong).rejects.toMatchObject({
    code: 'config-invalid',
    problems: [
      { message: 'there is no `shpo` here', place: { file: 'login.yaml' }, hint: 'did you mean `shop`?' },
      { message: 'the file has no parameter `nme`', place: { line: 7 } },
      { message: 'the parameter `name` is missing in `with`' },
      { message: 'there is no `shp` here', place: { file: 'e2e.config.yaml', line: 8 } },
    ],
  });
  await expect(
    driveAt('http://127.0.0.1:1', profile.replace('nme', 'name').replace('shp', 'shop'), {
      files: { 'login.yaml': LOGIN },
    }),
  ).rejects.toMatchObject({
    problems: [
      { message: expect.stringContaining('there is no `ordr`') },
      { message: expect.stringMatching(/has no `timeouts`/) },
    ],
  });
});
