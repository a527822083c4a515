import { expect, test } from 'vitest';
import { keysOf } from '../../../src/cli/live/keys.ts';

test('cursor keys are known in both of their forms, and letters beside them', () => {
  expect(keysOf('\u001b[A\u001b[B\u001bOA\u001bOBkj')).toEqual(['up', 'down', 'up', 'down', 'up', 'down']);
  expect(keysOf('lrsh\r?q')).toEqual([
    'logs',
    'restart',
    'stop-or-start',
    'detail',
    'detail',
    'help',
    'quit',
  ]);
});

test('Esc alone closes; other sequences are no Esc with letters behind it', () => {
  expect(keysOf('\u001b')).toEqual(['close']);
  expect(keysOf('\u001b[1;5D\u001b[15~\u001b[Z')).toEqual([]);
});

test('what the terminal would have made signals of are keys in raw mode', () => {
  expect(keysOf('\u0003\u001a')).toEqual(['interrupt', 'suspend']);
});

test('what means nothing is ignored, also when it is no ASCII', () => {
  expect(keysOf('xyzRSL 9\u00e4\u{1f600}\u0000')).toEqual([]);
});
