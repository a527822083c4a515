import { expect, it } from 'vitest';
import { errorToJson, renderError, ShopctlError } from '../../src/errors/index.ts';

const error = new ShopctlError('config-invalid', {
  message: 'e2e.config.yaml has a mistake',
  problems: [
    {
      message: 'unknown key `prot`',
      place: { file: 'e2e.config.yaml', line: 3, column: 5, length: 4 },
      frame: '> 3 |     prot: 1\n    |     ^^^^',
      hint: 'did you mean `port`?',
    },
  ],
});

it('prints sentence, place, frame and remedy', () => {
  expect(renderError(error, false)).toBe(
    [
      'error [config-invalid] e2e.config.yaml has a mistake',
      '',
      'e2e.config.yaml:3:5 unknown key `prot`',
      '  > 3 |     prot: 1',
      '      |     ^^^^',
      '  hint: did you mean `port`?',
      '',
    ].join('\n'),
  );
});

it('uses colours only when asked to', () => {
  const esc = String.fromCharCode(27);
  expect(renderError(error, true)).toContain(esc);
  expect(renderError(error, false)).not.toContain(esc);
});

it('shows evidence without the colours it was written in', () => {
  const evidence = new ShopctlError('service-failed', { message: 'it died', detail: '\u001b[31mred' });
  expect(renderError(evidence, true)).toContain('\n  red\n');
});

it('gives machines the same facts', () => {
  expect(errorToJson(error)).toEqual({
    schema: 'shopctl/error/1',
    code: 'config-invalid',
    message: 'e2e.config.yaml has a mistake',
    exit_code: 2,
    problems: [{ message: 'unknown key `prot`', place: 'e2e.config.yaml:3:5', hint: 'did you mean `port`?' }],
  });
});
