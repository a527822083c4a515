import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { createTurns } from './turns.ts';

/** Keeps passwords as salted hashes that are slow to try out. Whoever leaves before their turn costs nothing. */
export interface Passwords {
  /** What is stored: `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>`, so that the cost may be raised later. */
  hash(password: string, signal?: AbortSignal): Promise<string>;
  /** Whether that is the password. Takes as long when nothing is stored, so that nobody learns who exists. */
  isRight(password: string, stored: string | null | undefined, signal?: AbortSignal): Promise<boolean>;
}

interface Cost {
  /** N = 2 ^ log2N. */
  log2N: number;
  r: number;
  p: number;
}

const hashBytes = 32;
/** Half of the four threads that Node has for such work: the database needs the others, or nothing else is answered. */
const hashesAtOnce = 2;

/** RFC 7914; `log2N` 15 with r = 8 takes 32 MB and about a tenth of a second for each password. */
export function createPasswords(log2N: number): Passwords {
  const cost = { log2N, r: 8, p: 1 };
  const turns = createTurns(hashesAtOnce);
  const store = (salt: Buffer, hash: Buffer) =>
    ['scrypt', cost.log2N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
  // Nobody has the password that belongs to this.
  const nobodys = store(randomBytes(16), randomBytes(hashBytes));
  return {
    hash: async (password, signal) => {
      const salt = randomBytes(16);
      return store(salt, await turns.take(() => derive(password, salt, cost), signal));
    },
    isRight: async (password, stored, signal) => {
      const [, log2, r, p, salt = '', expected = ''] = (stored ?? nobodys).split('$');
      const storedCost = { log2N: Number(log2), r: Number(r), p: Number(p) };
      const work = () => derive(password, Buffer.from(salt, 'base64url'), storedCost);
      const hash = await turns.take(work, signal);
      return timingSafeEqual(hash, Buffer.from(expected, 'base64url'));
    },
  };
}

/** The same password can be typed as different sequences of code points (RFC 8265, section 4). */
async function derive(password: string, salt: Buffer, { log2N, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** log2N;
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  return await new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, hashBytes, options, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}
