import { expect, it } from 'vitest';
import { createKeyedLock } from '../../../services/kit/keyed-lock.ts';

it('runs work with one key in turn, and another key beside it', async () => {
  const lock = createKeyedLock();
  const course: string[] = [];
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = lock.run('a', async () => {
    await gate;
    course.push('a1');
  });
  const second = lock.run('a', async () => void course.push('a2'));
  await lock.run('b', async () => void course.push('b'));
  release();
  await Promise.all([first, second]);
  expect(course).toEqual(['b', 'a1', 'a2']);
});

it('gives a failure to whoever asked for that work, and goes on', async () => {
  const lock = createKeyedLock();
  const first = lock.run('a', () => Promise.reject(new Error('broken')));
  const second = lock.run('a', async () => 'fine');
  await expect(first).rejects.toThrow('broken');
  await expect(second).resolves.toBe('fine');
});
