import { describe, expect, it } from 'vitest';
import { createMask } from '../../src/lib/mask.ts';

describe('createMask', () => {
  it('masks the values of variables that are named like secrets, longest first', () => {
    const mask = createMask({ API_KEY: 'abcd', DB_PASSWORD: 'abcdef', HOME: '/home/me' });
    expect(mask.apply(['x abcdef y', { a: 'abcd', home: '/home/me' }])).toEqual([
      'x *** y',
      { a: '***', home: '/home/me' },
    ]);
  });

  it('leaves short values alone, they would be found everywhere', () => {
    expect(createMask({ MY_TOKEN: '1' }).apply('1 of 10')).toBe('1 of 10');
  });

  it('learns secrets from headers and from fields of answers', () => {
    const mask = createMask({});
    mask.learn({ headers: { authorization: 'Bearer s3cret', accept: 'application/json' } });
    mask.learn({ json: { session: [{ refresh_token: 'r3fresh' }], name: 'alice' } });
    expect(mask.apply('s3cret r3fresh alice application/json')).toBe('*** *** alice application/json');
  });

  it('masks secrets in queries and forms', () => {
    expect(
      createMask({}).apply(['http://h/a?access_token=ab&b=1', 'user=me&password=pw', 'api-key=x']),
    ).toEqual(['http://h/a?access_token=***&b=1', 'user=me&password=***', 'api-key=***']);
  });

  it('masks by name where it never saw the value', () => {
    const mask = createMask({});
    expect(
      mask.apply({
        headers: { cookie: 'a=b' },
        text: '{"password": "pa\\"ss", "n": 1}',
        json: { api_key: 'xy' },
      }),
    ).toEqual({ headers: { cookie: '***' }, text: '{"password": "***", "n": 1}', json: { api_key: '***' } });
  });

  it('learns from requests, and from lists, mappings and numbers below the name of a secret', () => {
    const mask = createMask({});
    mask.learn({ body: '{"password":"hunter22"}' });
    mask.learn({ body: 'user=me&client_secret=form-s3cret' });
    mask.learn({ json: { tokens: ['tok-aaaa'], secret: { value: 'deep-one' }, api_key: 1234567 } });
    expect(mask.apply('hunter22 form-s3cret tok-aaaa deep-one 1234567 me')).toBe('*** *** *** *** *** me');
    expect(mask.apply({ tokens: ['x', 1], text: '{"api_key": 12, "n": 1}' })).toEqual({
      tokens: ['***', '***'],
      text: '{"api_key": "***", "n": 1}',
    });
  });

  it('finds a secret in the spellings of JSON and of URLs', () => {
    const mask = createMask({ SIGNING_KEY: 'line 1\n"x"/+' });
    expect(mask.apply(['{"k":"line 1\\n\\"x\\"/+"}', '/?q=line%201%0A%22x%22%2F%2B'])).toEqual([
      '{"k":"***"}',
      '/?q=***',
    ]);
  });
});
