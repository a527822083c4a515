import { expect, test } from 'vitest';
import type { ContractCheck } from '../../src/model/index.ts';
import { contractPretty } from '../../src/report/contract-pretty.ts';
import { documentCheck, failedCheck, passedCheck, resultOf } from './contract-results.ts';

const plain = { color: false };

test('a good run is one line an operation, the coverage and a summary', () => {
  expect(contractPretty(resultOf([documentCheck, passedCheck]), plain)).toBe(`orders
  ✓ examples of the document fit their schemas
  ✓ POST /api/orders createOrder: phone 201

coverage  1 of 1 operations, 1 of 2 statuses
contract  2 passed in 1.23 s
`);
});

test('a violation shows operation, status, pointer and rule, then request and answer', () => {
  expect(contractPretty(resultOf([passedCheck, failedCheck]), plain)).toBe(`orders
  ✗ POST /api/orders createOrder: phone 201, tv 201

✗ orders#createOrder: tv POST /api/orders
    orders#createOrder 201 application/json /status the field \`status\` is missing [required]
    request  POST http://127.0.0.1:4000/api/orders application/json
      {
        "items": [
          "phone"
        ]
      }
    answer   201 application/json, 12 ms
      {
        "id": 1
      }

coverage  1 of 1 operations, 1 of 2 statuses
contract  1 passed, 1 failed in 1.23 s
`);
});

test('what was left out is named with what it needs', () => {
  const skipped = [
    { service: 'users', operation: 'logIn', example: 'known', needs: ['auth'] },
    { service: 'users', operation: 'getProfile', example: 'own', needs: ['auth'] },
  ];
  const shown = contractPretty(resultOf([passedCheck], { skipped }), plain);
  expect(shown).toContain('needs auth, not in this topology: users#logIn known, users#getProfile own\n');
  expect(shown).toContain('contract  1 passed, 2 skipped in 1.23 s\n');
});

test('headers are not printed, as they may hold credentials', () => {
  expect(contractPretty(resultOf([failedCheck]), plain)).not.toContain('secret');
});

test('control characters of an answer do not reach the terminal', () => {
  const shown = contractPretty(resultOf([withAnswer('\u001b[2Jgone\u0007')]), plain);
  expect(shown).toContain('\uFFFD[2Jgone\uFFFD\n');
});

test('a long body is cut, and says so', () => {
  const text = JSON.stringify(Array.from({ length: 100 }, (_, index) => index));
  expect(contractPretty(resultOf([withAnswer(text)]), plain)).toContain('… 78 more lines');
  expect(contractPretty(resultOf([withAnswer('x'.repeat(1_000))]), plain)).toContain(`${'x'.repeat(200)}…\n`);
});

test('a call that got no answer says why', () => {
  const check = failedCheck.call?.exchange;
  if (check === undefined) throw new Error('the fixture has an exchange');
  const { request, startedAtMs, durationMs } = check;
  const exchange = {
    request,
    startedAtMs,
    durationMs,
    failure: { kind: 'reset', message: 'it hung up' },
  } as const;
  const text = contractPretty(resultOf([withCall({ exchange })]), plain);
  expect(text).toContain('createOrder: tv no answer');
  expect(text).toContain('answer   none: it hung up');
});

test('a weakness of a document is a warning with its operation', () => {
  const warnings = [
    { rule: 'cannot-fail', message: 'any object fits', subject: 'orders#list 200 application/json' },
  ];
  expect(contractPretty(resultOf([passedCheck], { warnings }), plain)).toContain(
    '\nwarning orders#list 200 application/json any object fits [cannot-fail]\n',
  );
});

test('colours are used only when they are wanted', () => {
  const escapeCode = String.fromCharCode(27);
  expect(contractPretty(resultOf([failedCheck]), plain)).not.toContain(escapeCode);
  expect(contractPretty(resultOf([failedCheck]), { color: true })).toContain(escapeCode);
});

function withAnswer(text: string): ContractCheck {
  const exchange = failedCheck.call?.exchange;
  if (exchange?.response === undefined) throw new Error('the fixture has an answer');
  const { request, startedAtMs, durationMs, response } = exchange;
  return withCall({ exchange: { request, startedAtMs, durationMs, response: { ...response, text } } });
}

function withCall(more: Partial<NonNullable<ContractCheck['call']>>): ContractCheck {
  if (failedCheck.call === undefined) throw new Error('the fixture has a call');
  return { ...failedCheck, call: { ...failedCheck.call, ...more } };
}
