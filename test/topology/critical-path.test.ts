import { expect, test } from 'vitest';
import type { ServiceEvent } from '../../src/model/index.ts';
import { criticalPath } from '../../src/topology/critical-path.ts';

const start = (service: string, atMs: number): ServiceEvent => ({ type: 'service-starting', service, atMs });
const ready = (service: string, atMs: number): ServiceEvent => ({
  type: 'service-ready',
  service,
  atMs,
  tookMs: 0,
});
const done = (service: string, atMs: number): ServiceEvent => ({
  type: 'service-completed',
  service,
  atMs,
  tookMs: 0,
});

test('leads from the service that was ready last back through the need that was', () => {
  const services = [
    { name: 'migrate', needs: [] },
    { name: 'auth', needs: [] },
    { name: 'users', needs: ['auth', 'migrate'] },
    { name: 'mail', needs: [] },
    { name: 'gateway', needs: ['users', 'mail'] },
  ];
  const events = [
    start('migrate', 1_000),
    start('auth', 1_010),
    start('mail', 1_010),
    done('migrate', 1_100),
    ready('mail', 1_300),
    ready('auth', 1_400),
    start('users', 1_405),
    ready('users', 1_900),
    start('gateway', 1_905),
    ready('gateway', 2_000),
  ];
  expect(criticalPath(services, events)).toEqual([
    { service: 'auth', startedMs: 10, readyMs: 400 },
    { service: 'users', startedMs: 405, readyMs: 900 },
    { service: 'gateway', startedMs: 905, readyMs: 1_000 },
  ]);
});

test('a need that never became ready is not on it, and without any ready service it is empty', () => {
  const services = [
    { name: 'slow', needs: [] },
    { name: 'quick', needs: ['slow'] },
  ];
  const events = [start('slow', 0), start('quick', 5), ready('quick', 50)];
  expect(criticalPath(services, events)).toEqual([{ service: 'quick', startedMs: 5, readyMs: 50 }]);
  expect(criticalPath(services, [start('slow', 0)])).toEqual([]);
});

test('of a service that loads early only the time counts in which others waited for it', () => {
  const services = [
    { name: 'auth', needs: [] },
    { name: 'users', needs: ['auth'], eager: true as const },
  ];
  const events = [start('auth', 1_000), start('users', 1_010), ready('auth', 1_400), ready('users', 1_500)];
  expect(criticalPath(services, events)).toEqual([
    { service: 'auth', startedMs: 0, readyMs: 400 },
    { service: 'users', startedMs: 400, readyMs: 500 },
  ]);
});
