import { expect, it, onTestFinished } from 'vitest';
import { startUsers } from '../start-shop.ts';

it('a silent connection is kept for a minute, so that whoever asks leaves first', async () => {
  const users = await startUsers();
  onTestFinished(users.stop);
  const { headers } = await fetch(`${users.url}/livez`);
  expect(headers.get('keep-alive')).toBe('timeout=60');
});
