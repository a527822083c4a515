import { describe, expect, it } from 'vitest';
import { commandWords } from '../../src/lib/command-words.ts';

describe('commandWords', () => {
  it.each([
    ['node dist/main.js', ['node', 'dist/main.js']],
    ['  node   a.js ', ['node', 'a.js']],
    [`python3 -m "http server" 'a b'c`, ['python3', '-m', 'http server', 'a bc']],
    ['a\\ b "c\\"d" \'e\\f\'', ['a b', 'c"d', 'e\\f']],
    ['run "" end', ['run', '', 'end']],
    ['node $HOME *', ['node', '$HOME', '*']],
  ])('splits %j', (line, words) => {
    expect(commandWords(line)).toEqual({ ok: true, words });
  });

  it.each([
    ['', 'it is empty'],
    ['   ', 'it is empty'],
    ['a && b', '`&` needs a shell'],
    ['a > out.log', '`>` needs a shell'],
    ['a | b', '`|` needs a shell'],
    ['say "hello', 'the " is not closed'],
    ["say 'hello", "the ' is not closed"],
  ])('refuses %j', (line, reason) => {
    expect(commandWords(line)).toEqual({ ok: false, reason });
  });
});
