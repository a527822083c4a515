import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createHttpClient } from '../../src/http/index.ts';
import type { SuiteRunResult, TestResult } from '../../src/model/index.ts';
import { loadSuites, type RunSuitesOptions, runSuites } from '../../src/suite/index.ts';
import { folderWith, type Reply, type Seen, startServer, type TestServer } from './shop.ts';

interface Options extends Partial<RunSuitesOptions> {
  /** Further files, by name; those in `suites/` are run too. */
  readonly files?: Readonly<Record<string, string>>;
  readonly answer?: (seen: Seen, count: number) => Reply | undefined;
}

export interface Ran {
  readonly result: SuiteRunResult;
  readonly tests: readonly TestResult[];
  readonly server: TestServer;
}

/** Runs a suite against a server of its own, known as `shop`. */
export async function runYaml(yaml: string, { files = {}, answer, ...options }: Options = {}): Promise<Ran> {
  const folder = await folderWith({ 'suites/main.yaml': yaml, ...files });
  const server = await startServer(answer ?? (() => ({ json: { ok: true } })));
  const client = createHttpClient();
  onTestFinished(async () => {
    await client.close();
    await server.close();
    await folder.remove();
  });
  const names = ['suites/main.yaml', ...Object.keys(files).filter((name) => name.startsWith('suites/'))];
  const suites = await loadSuites({
    files: names.map((name) => join(folder.root, name)),
    cwd: folder.root,
    services: ['shop'],
  });
  const result = await runSuites({
    suites,
    services: { shop: server.url },
    client,
    seed: 1,
    signal: new AbortController().signal,
    ...options,
  });
  return { result, tests: result.suites.flatMap(({ tests }) => tests), server };
}
