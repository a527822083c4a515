import { expect, it } from 'vitest';
import { uuidV7 } from '../../../services/kit/ids.ts';

it('makes version 7 UUIDs, as the example in RFC 9562, appendix A.6', () => {
  const random = Buffer.from('0cc3' + '18c4dc0c0c07398f', 'hex');
  expect(uuidV7(0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

it('makes UUIDs that sort by time', () => {
  const random = Buffer.alloc(10, 0xff);
  expect(uuidV7(1_000, random) < uuidV7(1_001, Buffer.alloc(10))).toBe(true);
});
