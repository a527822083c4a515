import { expect, test } from 'vitest';
import type { Key } from '../../../src/cli/live/keys.ts';
import { type LiveState, reduce, wishOf } from '../../../src/cli/live/live-state.ts';
import { row, stateOf } from './live-rows.ts';

const three = stateOf([row('users'), row('orders'), row('payments')]);
const press = (state: LiveState, ...keys: Key[]) =>
  keys.reduce((current, key) => reduce(current, { type: 'key', key }), state);

test('the first service is selected; up and down stay within the list', () => {
  expect(three.selected).toBe('users');
  expect(press(three, 'up').selected).toBe('users');
  expect(press(three, 'down').selected).toBe('orders');
  expect(press(three, 'down', 'down', 'down').selected).toBe('payments');
  expect(press(three, 'down', 'down', 'up').selected).toBe('orders');
});

test('logs of one service: again shows all, on another one shows that', () => {
  const one = press(three, 'logs');
  expect(one.logsOf).toBe('users');
  expect(press(one, 'logs').logsOf).toBeUndefined();
  expect(press(one, 'down', 'logs').logsOf).toBe('orders');
});

test('detail and help take turns, and Esc closes either', () => {
  expect(press(three, 'detail').panel).toBe('detail');
  expect(press(three, 'detail', 'detail').panel).toBe('none');
  expect(press(three, 'detail', 'help').panel).toBe('help');
  expect(press(three, 'help', 'close').panel).toBe('none');
});

test('selection and filter go by name when the services change, and end with their service', () => {
  const chosen = press(three, 'down', 'logs');
  const moved = reduce(chosen, { type: 'rows', rows: [row('auth'), row('users'), row('orders')] });
  expect([moved.selected, moved.logsOf]).toEqual(['orders', 'orders']);
  const gone = reduce(chosen, { type: 'rows', rows: [row('users')] });
  expect([gone.selected, gone.logsOf]).toEqual(['users', undefined]);
  const empty = reduce(chosen, { type: 'rows', rows: [] });
  expect(press(empty, 'up', 'down', 'logs', 'detail').selected).toBeUndefined();
  expect(wishOf(empty, 'restart')).toBeUndefined();
});

test.each([
  ['ready', 'stop'],
  ['unhealthy', 'stop'],
  ['starting', 'stop'],
  ['restarting', 'stop'],
  ['stopped', 'start'],
  ['exited', 'start'],
  ['failed', 'start'],
  ['completed', 'start'],
] as const)('`s` on a service that is %s asks to %s it', (state, operation) => {
  const one = stateOf([row('users', { state })]);
  expect(wishOf(one, 'stop-or-start')).toEqual({ kind: 'operate', operation, service: 'users' });
});

test('while something is done with a service, its keys ask for nothing more, those of others do', () => {
  const asked = reduce(three, { type: 'asked', operation: 'restart', service: 'users' });
  expect(wishOf(asked, 'restart')).toBeUndefined();
  expect(wishOf(asked, 'stop-or-start')).toBeUndefined();
  expect(wishOf(press(asked, 'down'), 'restart')).toMatchObject({ service: 'orders' });
  expect(wishOf(reduce(asked, { type: 'done', service: 'users' }), 'restart')).toBeDefined();
});

test('why something was refused is kept until the next key', () => {
  const asked = reduce(three, { type: 'asked', operation: 'start', service: 'users' });
  const refused = reduce(asked, { type: 'refused', service: 'users', words: 'not now' });
  expect(refused).toMatchObject({ refusal: 'not now' });
  expect(refused.ongoing.size).toBe(0);
  expect(reduce(refused, { type: 'rows', rows: three.rows }).refusal).toBe('not now');
  expect(press(refused, 'down').refusal).toBeUndefined();
});

test('quit, interrupt and suspend are asked for whatever is selected', () => {
  for (const key of ['quit', 'interrupt', 'suspend'] as const) {
    expect(wishOf(stateOf([]), key)).toEqual({ kind: key });
  }
  expect(wishOf(three, 'down')).toBeUndefined();
});
