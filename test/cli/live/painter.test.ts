import { expect, test } from 'vitest';
import { Painter } from '../../../src/cli/live/painter.ts';
import { Screen } from './screen.ts';

const frame = ['-- head', '> users', 'keys'];

test('log lines scroll above, and the frame stays below them', () => {
  const screen = new Screen(20, 6);
  const painter = new Painter();
  screen.write(painter.next('', frame, 20));
  screen.write(painter.next('one\ntwo\n', frame, 20));
  expect(screen.lines()).toEqual(['one', 'two', ...frame]);
  screen.write(painter.next('three\nfour\n', frame, 20));
  expect(screen.above).toEqual(['one']);
  expect(screen.lines()).toEqual(['two', 'three', 'four', ...frame]);
});

test('lines that the terminal breaks leave nothing behind, also when they fill a row', () => {
  const screen = new Screen(10, 8);
  const painter = new Painter();
  screen.write(painter.next('', frame, 10));
  screen.write(painter.next(`${'x'.repeat(10)}\n${'y'.repeat(13)}\n`, frame, 10));
  expect(screen.lines()).toEqual(['xxxxxxxxxx', 'yyyyyyyyyy', 'yyy', ...frame]);
});

test('a frame that has not changed is not written', () => {
  const painter = new Painter();
  expect(painter.next('', frame, 20)).not.toBe('');
  expect(painter.next('', [...frame], 20)).toBe('');
  expect(painter.next('', ['-- head', '> orders', 'keys'], 20)).not.toBe('');
});

test('longer and shorter frames replace each other whole, each in one write without clearing what stays', () => {
  const screen = new Screen(20, 10);
  const painter = new Painter();
  screen.write(painter.next('log\n', frame, 20));
  const longer = ['-- head', 'detail one', 'detail two', '> users', 'keys'];
  const text = painter.next('', longer, 20);
  expect(text.indexOf('\u001b[J')).toBe(text.lastIndexOf('keys') + 'keys\u001b[K'.length);
  screen.write(text);
  expect(screen.lines()).toEqual(['log', ...longer]);
  screen.write(painter.next('', frame, 20));
  expect(screen.lines()).toEqual(['log', ...frame]);
});

test('clearing leaves the log lines and shows the cursor again, once', () => {
  const screen = new Screen(20, 10);
  const painter = new Painter();
  screen.write(painter.next('log\n', frame, 20));
  expect(screen.isCursorShown).toBe(false);
  screen.write(`${painter.clear(20)}after\n`);
  expect(screen.lines()).toEqual(['log', 'after', '']);
  expect(screen.isCursorShown).toBe(true);
  expect(painter.clear(20)).toBe('');
});

test('after a resize the rows count into which the terminal has broken our lines', () => {
  const painter = new Painter();
  painter.next('', ['x'.repeat(19), 'y'.repeat(19)], 20);
  // Two rows of ten each: from the last of four to the first.
  expect(painter.resized(10)).toBe('\r\u001b[3A\u001b[J');
  expect(painter.next('', frame, 10)).not.toContain('\u001b[3A');
});
