import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { ask, untilHeldBack } from '../ask.ts';
import { temporaryFolder } from '../start-service.ts';
import { testUsers } from '../start-shop.ts';
import { startOtlpReceiver } from './tracing/otlp-receiver.ts';

/** As the shop starts it. */
const bundled = fileURLToPath(new URL('../../../dist/shop/users.cjs', import.meta.url));
/** The same program file by file, which takes longer to start: for what is about the packages that it loads. */
const inFiles = fileURLToPath(new URL('../../../dist/services/users/main.js', import.meta.url));

interface Started {
  child: ChildProcess;
  exited: Promise<unknown[]>;
  output: { stdout: string; stderr: string };
  /** The port of its first log line. */
  port(): Promise<number>;
}

async function start(variables: Record<string, string>, program = bundled): Promise<Started> {
  const folder = await temporaryFolder();
  const child = spawn(process.execPath, [program], {
    env: { PORT: '0', DATA_DIR: folder, ...testUsers, ...variables },
  });
  const exited = once(child, 'exit');
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true });
  });
  const port = async () => {
    while (!output.stdout.includes('\n'))
      await Promise.race([once(child.stdout, 'data'), failOnExit(exited, output)]);
    return Number(JSON.parse(output.stdout.split('\n')[0] ?? '').port);
  };
  return { child, exited, output, port };
}

async function failOnExit(exited: Promise<unknown[]>, output: { stderr: string }): Promise<never> {
  await exited;
  throw new Error(`it ended before it listened: ${output.stderr}`);
}

it.each([
  ['in one file', bundled],
  ['file by file', inFiles],
])('says in one log line where it listens, and SIGTERM ends it with 0 (%s)', async (_, program) => {
  const { child, exited, output, port } = await start({}, program);
  expect((await ask('GET', `http://127.0.0.1:${await port()}/healthz`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(output.stderr).toBe('');
});

it('says why it cannot start, in a sentence, and ends with 3', async () => {
  const { exited, output } = await start({ AMQP_URL: 'amqp://127.0.0.1:9', OUTBOX_LIMIT: '1' });
  expect(await exited).toEqual([3, null]);
  expect(output.stderr).toMatch(/^users: .*\.\n$/);
});

it('finishes the request that runs before it ends, even on a kept-alive connection', async () => {
  const { child, exited, port } = await start({
    SIMULATE: 'on',
    LATENCY: 'constant(2s)',
    SHUTDOWN_GRACE: '10s',
  });
  const url = `http://127.0.0.1:${await port()}`;
  const running = ask('POST', `${url}/api/users/1/balance`, { body: { operation: 'debit', amount: '1.00' } });
  await untilHeldBack(url);
  child.kill('SIGTERM');
  expect(await running).toMatchObject({ status: 200, body: { balance: '499.00' } });
  expect(await exited).toEqual([0, null]);
});

it('cuts off what does not end within its grace, and exits 1', async () => {
  const { child, exited, port } = await start({
    SIMULATE: 'on',
    LATENCY: 'constant(60s)',
    SHUTDOWN_GRACE: '100ms',
  });
  const url = `http://127.0.0.1:${await port()}`;
  const running = ask('GET', `${url}/api/users`).catch(() => 'cut off');
  await untilHeldBack(url);
  child.kill('SIGTERM');
  expect(await exited).toEqual([1, null]);
  expect(await running).toBe('cut off');
});

it('is not held up by an idle connection', async () => {
  const { child, exited, port } = await start({ SHUTDOWN_GRACE: '10s' });
  const socket = connect(await port(), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  await ask('GET', `http://127.0.0.1:${await port()}/livez`);
  child.kill('SIGINT');
  expect(await exited).toEqual([0, null]);
});

it('refuses a taken port with one clear line and exit code 3', async () => {
  const first = await start({});
  const taken = String(await first.port());
  const second = await start({ PORT: taken });
  expect(await second.exited).toEqual([3, null]);
  expect(second.output.stderr).toBe(
    `users: Cannot listen on 127.0.0.1:${taken}: another process uses that port.\n`,
  );
});

it('refuses bad settings with one line each, no stack, and exit code 2', async () => {
  const { exited, output } = await start({ PORT: 'abc', SIMULATE: 'maybe' });
  expect(await exited).toEqual([2, null]);
  expect(output.stderr.trim().split('\n')).toEqual([
    'users: SIMULATE is "maybe", but must be "on" or "off".',
    'users: PORT is "abc", but must be a port number from 0 (any free port) to 65535.',
  ]);
});

it('refuses a data folder that cannot be made, and missing contracts, with exit code 3', async () => {
  const noFolder = await start({ DATA_DIR: '/dev/null/data' });
  expect(await noFolder.exited).toEqual([3, null]);
  expect(noFolder.output.stderr).toContain('users: The folder /dev/null/data (DATA_DIR) cannot be made:');
  const noContract = await start({ CONTRACTS_DIR: '/dev/null' });
  expect(await noContract.exited).toEqual([3, null]);
  expect(noContract.output.stderr).toContain('CONTRACTS_DIR names its folder');
  expect(noContract.output.stderr).not.toContain('    at ');
});

it('says how to get sqlite3 where it is missing, with exit code 3', async () => {
  const refuse = `export const resolve = (name, context, next) => {
    if (name === 'sqlite3') throw new Error("Cannot find package 'sqlite3'");
    return next(name, context);
  }`;
  const hook = `import { register } from 'node:module'; register("data:text/javascript,${encodeURIComponent(refuse)}");`;
  const hooked = { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(hook)}"` };
  const { exited, output } = await start(hooked, inFiles);
  expect(await exited).toEqual([3, null]);
  expect(output.stderr).toContain(
    'users: The package "sqlite3", in which this service keeps its data, cannot be loaded',
  );
  expect(output.stderr).toContain('run "npm install sqlite3"');
  expect(output.stderr).not.toContain('    at ');
});

it('ends at once on a second signal', async () => {
  const { child, exited, output, port } = await start({
    SIMULATE: 'on',
    LATENCY: 'constant(60s)',
    SHUTDOWN_GRACE: '60s',
  });
  const url = `http://127.0.0.1:${await port()}`;
  const running = ask('GET', `${url}/api/users`).catch(() => 'cut off');
  await untilHeldBack(url);
  child.kill('SIGTERM');
  await expect.poll(() => output.stdout).toContain('stopping');
  child.kill('SIGTERM');
  expect(await exited).toEqual([1, null]);
  expect(await running).toBe('cut off');
});

/** Writes to stderr at the end which packages of OpenTelemetry were loaded. */
const tellsPackages = (() => {
  const hook = `import Module from 'node:module';
  process.on('exit', () => {
    const found = Object.keys(Module._cache).map((path) => /@opentelemetry.([\\w-]+)/.exec(path)?.[1]);
    process.stderr.write('loaded: ' + [...new Set(found)].filter(Boolean).sort().join(' ') + '\\n');
  });`;
  return { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(hook)}"` };
})();

it('loads no SDK of OpenTelemetry where no endpoint is set', async () => {
  const { child, exited, output, port } = await start(tellsPackages, inFiles);
  await ask('GET', `http://127.0.0.1:${await port()}/api/users/1`);
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  // The API is a dependency of prom-client.
  expect(output.stderr).toBe('loaded: api\n');
});

it('sends its last spans before it ends', async () => {
  const receiver = await startOtlpReceiver();
  const settings = {
    ...tellsPackages,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_BSP_SCHEDULE_DELAY: '600000',
  };
  const { child, exited, output, port } = await start(settings, inFiles);
  await ask('GET', `http://127.0.0.1:${await port()}/api/users/1`);
  expect(receiver.spans).toEqual([]);
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(receiver.spans).toContainEqual(
    expect.objectContaining({ service: 'users', name: 'GET /api/users/{id}', kind: 'server' }),
  );
  expect(output.stderr).toContain('exporter-trace-otlp-http');
});

it('is not held up by a receiver of spans that does not answer', async () => {
  const receiver = await startOtlpReceiver();
  receiver.answerWith(undefined);
  const { child, exited, output, port } = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_TIMEOUT: '600000',
    SHUTDOWN_GRACE: '60s',
  });
  await ask('GET', `http://127.0.0.1:${await port()}/api/users/1`);
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(output.stdout).toContain('spans could not be sent before the end');
});

it('refuses a sampler that does not exist with exit code 2', async () => {
  const { exited, output } = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_TRACES_SAMPLER: 'sometimes',
  });
  expect(await exited).toEqual([2, null]);
  expect(output.stderr).toBe(
    'users: OTEL_TRACES_SAMPLER is "sometimes", but must be one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio.\n',
  );
});
