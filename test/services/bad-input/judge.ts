import { checkResponse } from '../../../src/contract/check-response.ts';
import { isObject, listOf } from '../../../src/contract/openapi/json.ts';
import type { Exchange, ReceivedResponse } from '../../../src/model/index.ts';
import type { BadCase } from './case.ts';
import type { Described } from './described.ts';
import { secretsIn } from './secrets.ts';
import type { Stores } from './stores.ts';

/** What nobody outside is to see: where the program's files are, and what it asks its database. */
const inside = /node_modules|\bat .+\.(ts|js)\b|SQLITE|\b(select|insert|update|delete) .+ (from|into|set) /i;

/** What is wrong with the answer to a bad request, in sentences; nothing when it was refused as it should be. */
export async function judge(
  described: Described,
  badCase: BadCase,
  { exchange, stores }: { exchange: Exchange; stores: Stores },
): Promise<string[]> {
  const { response, failure } = exchange;
  if (response === undefined) return [`no answer: ${failure.message}`];
  const { service, operation } = described;
  const findings = checkResponse(service, { operation, method: operation.method, response });
  const { status, text } = response;
  const isRefused = status >= 400 && status < 500;
  return [
    ...findings.map(({ message }) => message),
    ...(isExpected(badCase, status)
      ? []
      : [`${status} instead of ${expected(badCase)}: ${text.slice(0, 200)}`]),
    ...(inside.test(text) ? [`the answer tells of the inside: ${text.slice(0, 200)}`] : []),
    ...(isRefused
      ? [...judgeProblem(badCase, response), ...(await judgeStored(response, stores))]
      : (await stores.losses()).map((loss) => `${loss} lost its definition or all of its rows`)),
  ];
}

function isExpected({ statuses, isJustText }: BadCase, status: number): boolean {
  if (status >= 500) return false;
  if (isJustText === true) return true;
  return statuses === undefined ? status >= 400 : statuses.includes(status);
}

const expected = ({ statuses, isJustText }: BadCase) =>
  statuses?.join(' or ') ?? (isJustText === true ? 'any answer but a failure' : 'a refusal');

function judgeProblem({ pointer }: BadCase, { headers, json, text }: ReceivedResponse): string[] {
  const problem = isObject(json) ? json : {};
  const pointers = listOf(problem['errors']).map((error) => (isObject(error) ? error['pointer'] : undefined));
  // The path comes back to whoever has sent it, and to nobody else.
  const told = JSON.stringify({ ...problem, instance: undefined });
  const isProblem = headers['content-type']?.startsWith('application/problem+json') === true;
  const isNamed = pointer === undefined || pointers.includes(pointer);
  const isTold = pointers.length === 0 || `${problem['detail']}`.startsWith(`${pointers[0]}: `);
  return [
    ...(isProblem ? [] : [`the answer is ${headers['content-type']}, no problem document`]),
    ...(isNamed ? [] : [`the answer names ${pointers.join(', ') || 'nothing'}, not ${pointer}: ${text}`]),
    ...(isTold ? [] : [`the detail does not say where: ${text}`]),
    ...secretsIn(told).map((secret) => `the answer repeats ${secret}: ${text.slice(0, 300)}`),
  ];
}

/** A purchase that came to nothing is written down, and its refusal says so by naming it. */
async function judgeStored({ status, json }: ReceivedResponse, stores: Stores): Promise<string[]> {
  const isNamed = isObject(json) && ('order_id' in json || 'payment_id' in json);
  if ((status === 402 || status === 409) && isNamed) return [];
  return (await stores.changes()).map((change) => `refused with ${status}, but stored: ${change}`);
}
