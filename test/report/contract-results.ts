import type { ContractCheck, ContractResult, Exchange } from '../../src/model/index.ts';

const exchange: Exchange = {
  request: {
    method: 'POST',
    url: 'http://127.0.0.1:4000/api/orders',
    headers: { 'content-type': 'application/json', authorization: 'Bearer secret' },
    body: '{"items":["phone"]}',
  },
  startedAtMs: 0,
  durationMs: 12,
  response: {
    status: 201,
    headers: { 'content-type': 'application/json', 'set-cookie': 'session=secret' },
    text: '{"id":1}',
    truncated: false,
    json: { id: 1 },
  },
};

const call = {
  operation: 'createOrder',
  method: 'POST',
  path: '/api/orders',
  expectedStatus: '201',
  exchange,
};

export const documentCheck: ContractCheck = {
  service: 'orders',
  name: 'examples',
  verdict: 'passed',
  findings: [],
  durationMs: 0,
};

export const passedCheck: ContractCheck = {
  service: 'orders',
  name: 'createOrder: phone',
  verdict: 'passed',
  findings: [],
  durationMs: 12,
  call: { ...call, example: 'phone' },
};

export const failedCheck: ContractCheck = {
  ...passedCheck,
  name: 'createOrder: tv',
  verdict: 'failed',
  findings: [
    {
      rule: 'required',
      message: 'the field `status` is missing',
      subject: 'orders#createOrder 201 application/json',
      pointer: '/status',
    },
  ],
  call: { ...call, example: 'tv' },
};

export function resultOf(
  checks: readonly ContractCheck[],
  more: Partial<ContractResult> = {},
): ContractResult {
  return {
    verdict: checks.every(({ verdict }) => verdict === 'passed') ? 'passed' : 'failed',
    startedAtMs: 0,
    durationMs: 1_234,
    checks,
    skipped: [],
    warnings: [],
    coverage: {
      operations: [
        {
          service: 'orders',
          operation: 'createOrder',
          statuses: [
            { status: '201', seen: true },
            { status: '404', seen: false },
          ],
        },
      ],
      operationsSeen: 1,
      statusesSeen: 1,
      statusesDocumented: 2,
    },
    ...more,
  };
}
