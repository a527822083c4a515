import { expect, test } from 'vitest';
import { inStartOrder, selectServices } from '../../src/topology/plan.ts';
import { own, planOf } from './support.ts';

const names = (services: readonly { readonly name: string }[]) => services.map(({ name }) => name);

test('naming a service selects it with everything it needs, directly or not', () => {
  const plan = planOf([
    own('users', ''),
    own('orders', '', { needs: ['users'] }),
    own('payments', '', { needs: ['orders'] }),
    own('mail', ''),
  ]);
  expect(names(selectServices(plan, ['payments']).services)).toEqual(['users', 'orders', 'payments']);
  expect(selectServices(plan, [])).toBe(plan);
});

test('an unknown service is refused with the ones there are', () => {
  expect(() => selectServices(planOf([own('users', '')]), ['user'])).toThrow(
    'there is no service user in the topology all',
  );
});

test('needs come first, whatever the order they are written in', () => {
  const services = [own('a', '', { needs: ['b', 'c'] }), own('b', '', { needs: ['c'] }), own('c', '')];
  expect(names(inStartOrder(services))).toEqual(['c', 'b', 'a']);
});

test('a circle of needs is named as a circle', () => {
  const services = [
    own('a', '', { needs: ['b'] }),
    own('b', '', { needs: ['c'] }),
    own('c', '', { needs: ['b'] }),
  ];
  expect(() => inStartOrder(services)).toThrow('services need each other in a circle: b → c → b');
});

test('a need that is not there is named', () => {
  expect(() => inStartOrder([own('a', '', { needs: ['b'] })])).toThrow(
    'a needs b, which is not among the services to start',
  );
});
