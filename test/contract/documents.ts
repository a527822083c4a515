import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Contract } from '../../src/contract/openapi/contract.ts';
import { loadContract } from '../../src/contract/openapi/load.ts';
import { ShopctlError } from '../../src/errors/index.ts';
import type { Exchange } from '../../src/model/index.ts';

/** Writes files into a folder of their own, gone when the test ends. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'contract-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** An OpenAPI document with `paths` (and more, all YAML) below the head that every document has. */
export function documentOf(body: string, version = '3.1.0'): string {
  return `openapi: ${version}\ninfo: { title: fixture, version: 1.0.0 }\n${body}`;
}

export async function contractOf(body: string, version?: string): Promise<Contract> {
  const folder = await folderWith({ 'api.yaml': documentOf(body, version) });
  return loadContract(join(folder, 'api.yaml'), folder);
}

/** The error that `promise` rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<ShopctlError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof ShopctlError) return outcome;
  throw new Error(`expected a ShopctlError, got ${String(outcome)}`);
}

/** Its problems as `file:line: message`. */
export function problemsOf(error: ShopctlError): string[] {
  return error.problems.map(({ place, message }) => `${place?.file}:${place?.line}: ${message}`);
}

interface Answer {
  readonly method?: string;
  readonly url: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  readonly truncated?: boolean;
}

/** An exchange that got an answer; JSON unless `text` or `headers` say otherwise. */
export function exchangeOf({
  method = 'GET',
  url,
  status = 200,
  truncated = false,
  ...answer
}: Answer): Exchange {
  const hasJson = 'json' in answer;
  return {
    request: { method, url, headers: {} },
    startedAtMs: 0,
    durationMs: 1,
    response: {
      status,
      headers: {
        ...(hasJson ? { 'content-type': 'application/json; charset=utf-8' } : {}),
        ...answer.headers,
      },
      text: answer.text ?? (hasJson ? JSON.stringify(answer.json) : ''),
      truncated,
      ...(hasJson ? { json: answer.json } : {}),
    },
  };
}
