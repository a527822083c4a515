import { describe, expect, it } from 'vitest';
import { interpolate } from '../../src/config/interpolate.ts';

const variables = new Map([
  ['HOME', '/home/me'],
  ['EMPTY', ''],
  ['services.users.url', 'http://127.0.0.1:1'],
  ['services.my-service.url', 'http://127.0.0.1:2'],
]);
const lookup = (name: string) => variables.get(name);

describe('interpolate', () => {
  it.each([
    ['plain', 'plain'],
    ['${HOME}/x', '/home/me/x'],
    ['a $$ and $${HOME}', 'a $ and ${HOME}'],
    ['${NONE:-fallback}', 'fallback'],
    ['${NONE-}', ''],
    ['${EMPTY:-fallback}', 'fallback'],
    ['${EMPTY-fallback}', ''],
    ['${EMPTY}', ''],
    ['${services.users.url}/api', 'http://127.0.0.1:1/api'],
    ['${services.my-service.url}/api', 'http://127.0.0.1:2/api'],
    ['${services.none.url:-fallback}', 'fallback'],
    ['$HOME costs 5$', '$HOME costs 5$'],
  ])('turns %s into %j', (text, result) => {
    expect(interpolate(text, lookup)).toEqual({ ok: true, text: result });
  });

  it.each([
    ['${NONE}', 'NONE is not set'],
    ['${NONE:?say where}', 'NONE is not set: say where'],
    ['${EMPTY:?}', 'EMPTY is not set: it is required'],
    ['${services.no-service.url}', 'services.no-service.url is not set'],
    ['${HOME', '`${HOME` is not closed'],
    ['${}', '`${}` is not a variable'],
    ['${1+1}', '`${1+1}` is not a variable'],
  ])('refuses %s', (text, reason) => {
    expect(interpolate(text, lookup)).toMatchObject({ ok: false, reason });
  });
});
