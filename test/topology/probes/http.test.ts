import { createServer, type RequestListener } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import type { Probe } from '../../../src/config/probe-spec.ts';
import { foreign, trial, until } from '../support.ts';

const place = { file: 'e2e.config.yaml', line: 3, column: 9, length: 5 };
const expression = (source: string) => ({ source, place, frame: `> 3 | ${source}` });
const json = (value: unknown) => JSON.stringify(value);

async function serverOf(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

const asking = (url: string, probe: Omit<Probe<'http'>, 'kind' | 'path'>, timeoutMs = 30_000) => {
  const spec = foreign('users', url);
  return trial([
    { ...spec, ready: { ...spec.ready, timeoutMs, probe: { kind: 'http', path: '/health', ...probe } } },
  ]);
};

/** How the wait for a server that always answers so ends, without where it was. */
async function verdict(
  probe: Omit<Probe<'http'>, 'kind' | 'path'>,
  answer: RequestListener,
): Promise<string> {
  const url = await serverOf(answer);
  const { message, hint } = await asking(url, probe, 300).startError();
  expect(hint).not.toBe('');
  return message.replace(`users was not ready within 300 ms: GET ${url}/health `, '');
}

test('a service is ready when status, headers and body are as they are to be', async () => {
  let body: unknown = { status: 'starting' };
  let asked = 0;
  const url = await serverOf((_request, response) => {
    asked += 1;
    response.writeHead(203, { 'content-type': 'application/json; charset=utf-8' }).end(json(body));
  });
  const { start, story } = asking(url, {
    status: [200, 203],
    headers: { 'content-type': 'application/json' },
    body: expression(
      'status == 203 && body.status == "up" && headers["content-type"].startsWith("application")',
    ),
  });
  const started = start();
  await until('it was asked twice', () => asked > 2);
  expect(story()).not.toContain('service-ready users');
  body = { status: 'up' };
  await started;
  expect(story()).toContain('service-ready users');
});

test('whoever is asked for a status alone may finish the answer', async () => {
  const whole: boolean[] = [];
  const url = await serverOf((_request, response) => {
    response.on('close', () => whole.push(response.writableFinished));
    response.writeHead(200).write('so far ');
    setTimeout(() => response.end('so good'), 50);
  });
  await asking(url, {}).start();
  await until('the answer is over', () => whole.length > 0);
  expect(whole[0]).toBe(true);
});

test('a body that is not as it should be is told with its values', async () => {
  const answer: RequestListener = (_request, response) =>
    response.end(json({ status: 'starting', token: 'hush' }));
  expect(await verdict({ body: expression('body.status == "up"') }, answer)).toBe(
    'answered 200, but `body.status == "up"` is false: body.status is "starting"',
  );
  expect(await verdict({ body: expression('body.state == "up"') }, answer)).toContain(
    'answered 200, but `body.state == "up"` cannot be told: `body` has no `state`',
  );
  expect(await verdict({ body: expression('body.status') }, answer)).toBe(
    'answered 200, but `body.status` is neither true nor false but "starting"',
  );
  expect(await verdict({ body: expression('body.token == "x"') }, answer)).not.toContain('hush');
});

test('a status and a header that are not as they should be are told', async () => {
  const answer: RequestListener = (_request, response) => response.setHeader('x-mode', 'warming').end('text');
  expect(await verdict({ status: [204] }, answer)).toBe('answered with status 200, not 204');
  expect(await verdict({ status: ['3xx', 401] }, answer)).toBe('answered with status 200, not 3xx or 401');
  expect(await verdict({ headers: { 'x-mode': 'serving' } }, answer)).toBe(
    'answered 200, but its header x-mode is "warming", not "serving"',
  );
  expect(await verdict({ headers: { 'x-none': 'a' } }, answer)).toBe(
    'answered 200, but it has no header x-none',
  );
  expect(await verdict({ body: expression('body == "up"') }, answer)).toBe(
    'answered 200, but `body == "up"` is false: body is "text"',
  );
});

test('no more of a body than 1 MiB is read', async () => {
  const { message } = await asking(
    await serverOf((_request, response) => {
      const more = () => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    }),
    { body: expression('body == "up"') },
    300,
  ).startError();
  expect(message).toMatch(/answered 200, but its body is longer than 1 MiB$/);
});

test('an expression that cannot be evaluated is a mistake of the configuration, told before anything starts', async () => {
  const url = await serverOf((_request, response) => response.end('{}'));
  const spec = foreign('users', url);
  const probe = (source: string) => ({ kind: 'http' as const, path: '/', body: expression(source) });
  const errorOf = (source: string) => {
    const { startError, story } = trial([{ ...spec, ready: { ...spec.ready, probe: probe(source) } }]);
    return startError().then((error) => ({ error, story: story() }));
  };
  const unknown = await errorOf('bod.status == "up"');
  expect(unknown.story).toEqual([]);
  expect(unknown.error).toMatchObject({ code: 'config-invalid', exitCode: 2 });
  expect(unknown.error.problems).toEqual([
    {
      message: '`bod.status == "up"`: there is no `bod` here',
      place,
      frame: '> 3 | bod.status == "up"',
      hint: 'did you mean `body`?',
    },
  ]);
  const pointless = await errorOf('1 == 1');
  expect(pointless.error.problems[0]?.message).toBe('`1 == 1` says nothing of the answer');
});
