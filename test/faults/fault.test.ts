import { expect, it } from 'vitest';
import { ShopctlError } from '../../src/errors/index.ts';
import { checkFault, type Fault } from '../../src/faults/fault.ts';

it.each<Fault>([
  { latency: 'constant(30ms)' },
  { latency: 'uniform(20ms,1.5s)' },
  { latency: 'normal(500ms, 80ms)', failureRate: '0%' },
  { failureRate: '100%' },
  { failureRate: '0.5%', route: 'GET /orders/{id}' },
])('%j can be meant', (fault) => {
  expect(checkFault(fault)).toEqual(fault);
});

it.each([
  ['post /payment/process', 'POST /payment/process'],
  ['  GET   /search ', 'GET /search'],
  ['consume order.created', 'CONSUME order.created'],
])('the route %j is %s', (route, expected) => {
  expect(checkFault({ failureRate: '1%', route }).route).toBe(expected);
});

it.each<[Fault, string]>([
  [{}, 'a fault needs `--latency`, `--failure-rate`, or both'],
  [{ route: 'GET /' }, 'a fault needs'],
  [{ latency: '500ms' }, 'the latency `500ms` cannot be read'],
  [{ latency: 'normal(500ms)' }, 'cannot be read'],
  [{ latency: 'constant(1ms, 2ms)' }, 'cannot be read'],
  [{ latency: 'uniform(20, 60)' }, 'cannot be read'],
  [{ latency: 'gamma(1ms, 2ms)' }, 'cannot be read'],
  [{ failureRate: '50' }, 'the failure rate `50` is not a percentage'],
  [{ failureRate: '101%' }, 'is not a percentage'],
  [{ failureRate: '-1%' }, 'is not a percentage'],
  [{ failureRate: '1%', route: '/payment' }, 'the route `/payment` is not a method and a path'],
  [{ failureRate: '1%', route: 'GET payment' }, 'is not a method and a path'],
])('%j cannot be meant', (fault, message) => {
  expect(() => checkFault(fault)).toThrow(ShopctlError);
  expect(() => checkFault(fault)).toThrow(message);
});
