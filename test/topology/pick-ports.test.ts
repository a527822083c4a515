import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OwnService } from '../../src/config/project.ts';
import { portsOf } from '../../src/topology/pick-ports.ts';
import { claimPort, withdrawPort } from '../../src/topology/port-claims.ts';
import { errorFrom, freePort, freePorts, listenOn, own, planOf, temporaryFolder, trial } from './support.ts';

const anyPort = (name: string, port: number): OwnService => ({
  ...own(name, 'listens.mjs', { port }),
  freePort: true,
});

/** Ports of this worker's own: a few above the first, which nobody else is given meanwhile. */
async function rangeOf(count: number) {
  const ports = await freePorts(count);
  return { ports, env: { SHOPCTL_PORT_RANGE: `${Math.min(...ports)}-${Math.max(...ports)}` } };
}

test('a port that is free is picked, one that is taken is left for another of the range', async () => {
  const { ports, env } = await rangeOf(8);
  const [taken = 0, free = 0] = ports;
  const listener = await listenOn(taken);
  const plan = planOf([anyPort('users', taken), anyPort('orders', free)]);
  const picked = await portsOf({ plan, pick: true, env });
  await listener.close();
  expect(picked.get('orders')).toBe(free);
  expect(picked.get('users')).not.toBe(taken);
  expect(picked.get('users')).not.toBe(free);
  expect(picked.get('users')).toBeGreaterThanOrEqual(Math.min(...ports));
  expect(picked.get('users')).toBeLessThanOrEqual(Math.max(...ports));
});

test.each(['0.0.0.0', '::', '::1'])('a port on which somebody listens at %s is taken', async (host) => {
  const { ports, env } = await rangeOf(4);
  const [taken = 0] = ports;
  const listener = await listenOn(taken, host);
  const picked = await portsOf({ plan: planOf([anyPort('users', taken)]), pick: true, env });
  await listener.close();
  expect(picked.get('users')).not.toBe(taken);
});

test('who only looks is told the port whoever listens there', async () => {
  const port = await freePort();
  const listener = await listenOn(port);
  const picked = await portsOf({ plan: planOf([anyPort('users', port)]), pick: false, env: {} });
  await listener.close();
  expect(picked).toEqual(new Map([['users', port]]));
});

test('a plan without free ports picks none', async () => {
  const plan = planOf([own('users', 'listens.mjs', { port: await freePort() })]);
  expect(await portsOf({ plan, pick: true, env: {} })).toEqual(new Map());
});

test('while a project runs, its ports are those that it runs on, whatever is planned', async () => {
  const [runs = 0, planned = 0] = await freePorts(2);
  const { plan, start } = trial([anyPort('users', runs)]);
  await start();
  const fixed = { ...plan, services: [own('users', 'listens.mjs', { port: planned })] };
  const free = { ...plan, services: [anyPort('users', planned)] };
  for (const pick of [true, false]) {
    expect(await portsOf({ plan: fixed, pick, env: {} })).toEqual(new Map([['users', runs]]));
    expect(await portsOf({ plan: free, pick, env: {} })).toEqual(new Map([['users', runs]]));
  }
});

test('the port of the last run is taken again while it is free, and counts for nobody with a port of their own', async () => {
  const { ports, env } = await rangeOf(6);
  const [last = 0, planned = 0] = ports;
  const { plan, start } = trial([anyPort('users', last)]);
  await (await start()).stop();
  const next = { ...plan, services: [anyPort('users', planned)] };
  expect((await portsOf({ plan: next, pick: true, env })).get('users')).toBe(last);
  withdrawPort(last);
  const listener = await listenOn(last);
  expect((await portsOf({ plan: next, pick: true, env })).get('users')).not.toBe(last);
  await listener.close();
  const fixed = { ...plan, services: [own('users', 'listens.mjs', { port: planned })] };
  expect((await portsOf({ plan: fixed, pick: true, env })).size).toBe(0);
});

test('a port that is taken after it was picked is refused, with the advice to start again', async () => {
  const port = await freePort();
  const listener = await listenOn(port);
  const { start } = trial([anyPort('users', port)]);
  const error = await errorFrom(start());
  await listener.close();
  expect(error.message).toContain(`port ${port} of users is taken by pid ${process.pid}`);
  expect(error.hint).toBe('it was free a moment ago: start again, and another port is picked');
});

test('a range in which every port is taken is an error', async () => {
  const port = await freePort();
  const listener = await listenOn(port);
  const env = { SHOPCTL_PORT_RANGE: `${port}-${port}` };
  const error = await errorFrom(portsOf({ plan: planOf([anyPort('users', port)]), pick: true, env }));
  await listener.close();
  expect(error).toMatchObject({ code: 'port-taken', exitCode: 3 });
  expect(error.hint).toContain('SHOPCTL_PORT_RANGE=FROM-TO');
});

test('a port that another living process has claimed is not claimed, that of a dead one is', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, `12345-${process.ppid}`), '');
  writeFileSync(join(folder, '12346-999999999'), '');
  expect(claimPort(12_345, folder)).toBe(false);
  expect(claimPort(12_346, folder)).toBe(true);
  expect(claimPort(12_347, folder)).toBe(true);
  expect(readdirSync(folder).sort()).toEqual([
    `12345-${process.ppid}`,
    `12346-${process.pid}`,
    `12347-${process.pid}`,
  ]);
  withdrawPort(12_346, folder);
  expect(readdirSync(folder).sort()).toEqual([`12345-${process.ppid}`, `12347-${process.pid}`]);
});
