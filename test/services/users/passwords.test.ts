import { describe, expect, it } from 'vitest';
import { createPasswords } from '../../../services/users/passwords.ts';

const passwords = createPasswords(10);

describe('a stored password', () => {
  it('can be recognised, and is another text for each user', async () => {
    const [one, other] = [await passwords.hash('secret'), await passwords.hash('secret')];
    expect(one).toMatch(/^scrypt\$10\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(other);
    expect(one).not.toContain('secret');
    expect(await passwords.isRight('secret', one)).toBe(true);
    expect(await passwords.isRight('secret', other)).toBe(true);
  });

  it.each(['', 'Secret', 'secret ', 'secre'])('is not %j', async (wrong) => {
    expect(await passwords.isRight(wrong, await passwords.hash('secret'))).toBe(false);
  });

  it('is recognised after the cost was raised', async () => {
    const stored = await passwords.hash('secret');
    expect(await createPasswords(11).isRight('secret', stored)).toBe(true);
  });

  it.each([null, undefined])('that is %j belongs to nobody', async (stored) => {
    expect(await passwords.isRight('secret', stored)).toBe(false);
  });
});
