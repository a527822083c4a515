import { baseUrl, type Project, trustedServices } from '../../config/index.ts';
import { EXIT, type ExitCode, ShopctlError } from '../../errors/index.ts';
import { createHttpClient } from '../../http/index.ts';
import type { Exchange, Finding, RunEvent, SuiteRunResult } from '../../model/index.ts';
import { openReports, prettyEvent, testJson } from '../../report/index.ts';
import { findSuites, loadSuites, runSuites, type Suite, selectTests } from '../../suite/index.ts';
import { configuredServices } from '../configured-services.ts';
import type { CliContext } from '../context.ts';

export interface TestE2eOptions {
  /** Suite files and folders; empty: those of the configuration. */
  readonly paths: readonly string[];
  readonly tag?: readonly string[];
  readonly grep?: string;
  readonly jobs?: string;
  readonly bail?: boolean;
  /** `KIND=FILE`, any number of them. */
  readonly report?: readonly string[];
}

/** The part of the context that this command uses. */
export interface TestE2eContext
  extends Pick<CliContext, 'color' | 'json' | 'quiet' | 'seed' | 'env' | 'signal' | 'loadProject'> {
  readonly stdout: Pick<CliContext['stdout'], 'write' | 'columns'>;
}

export interface TestE2eSurroundings<Context> {
  /** Makes sure that the services are ready while `body` runs, and takes down what it brought up. */
  withTopology<T>(project: Project, context: Context, body: (running: Project) => Promise<T>): Promise<T>;
  /** Reads the contracts before anything starts; what it gives judges every exchange. */
  openContracts?(project: Project): Promise<((exchange: Exchange) => readonly Finding[]) | undefined>;
  /** Where the user stands. */
  readonly cwd: string;
}

const MAX_JOBS = 64;
const DEFAULT_WIDTH = 100;

/**
 * `shopctl test e2e [path...]`: reads every suite, brings the topology up, runs the tests, reports.
 *
 * @returns `failed` when a test failed, `interrupted` when the run was stopped
 * @throws ShopctlError for wrong suites, options and report files (2, before anything starts), or services that do not
 *   start (3)
 */
export async function testE2e<Context extends TestE2eContext>(
  options: TestE2eOptions,
  context: Context,
  surroundings: TestE2eSurroundings<Context>,
): Promise<ExitCode> {
  const jobs = jobsOption(options.jobs);
  const project = await context.loadProject('fresh');
  const suites = await chosenSuites(project, options, surroundings.cwd);
  const checkExchange = await surroundings.openContracts?.(project);
  const reports = await openReports(options.report ?? [], surroundings.cwd);
  try {
    const result = await surroundings.withTopology(project, context, (running) =>
      run(running, {
        ...{ suites, jobs, env: context.env, bail: options.bail ?? false, context },
        ...(checkExchange === undefined ? {} : { checkExchange }),
      }),
    );
    await reports.write(result);
    if (context.json) context.stdout.write(testJson(result));
    return exitCodeOf(result);
  } finally {
    await reports.close();
  }
}

/** Everything that can be wrong with suites and selection is found here, before a service is started for them. */
async function chosenSuites(
  project: Project,
  { paths, tag, grep }: TestE2eOptions,
  cwd: string,
): Promise<readonly Suite[]> {
  const where = await findSuites({ paths, cwd, patterns: project.suites.e2e, root: project.root });
  const services = Object.keys(baseUrls(project));
  const suites = await loadSuites({ ...where, cwd, services, allServices: configuredServices(project) });
  return selectTests(suites, { tags: tag ?? [], grep });
}

interface Run {
  readonly suites: readonly Suite[];
  readonly jobs: number;
  readonly bail: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly context: TestE2eContext;
  readonly checkExchange?: (exchange: Exchange) => readonly Finding[];
}

async function run(running: Project, { context, ...facts }: Run): Promise<SuiteRunResult> {
  const { seed, signal } = context;
  const client = createHttpClient({ trusted: trustedServices(running.services) });
  try {
    const services = baseUrls(running);
    return await runSuites({ ...facts, services, client, seed, signal, onEvent: printer(context) });
  } finally {
    await client.close();
  }
}

/** Lines as tests end; with `--quiet` only those of failures, with `--json` none. */
function printer({ stdout, color, json, quiet }: TestE2eContext): (event: RunEvent) => void {
  if (json) return () => undefined;
  return (event) => {
    if (quiet && event.type === 'test-finished' && event.result.outcome !== 'failed') return;
    stdout.write(prettyEvent(event, { color, width: stdout.columns ?? DEFAULT_WIDTH }));
  };
}

function exitCodeOf({ interrupted, counts }: SuiteRunResult): ExitCode {
  if (interrupted) return EXIT.interrupted;
  return counts.failed > 0 ? EXIT.failed : EXIT.ok;
}

function jobsOption(text: string | undefined): number {
  if (text === undefined) return 1;
  const jobs = Number(text);
  if (/^\d+$/.test(text) && jobs >= 1 && jobs <= MAX_JOBS) return jobs;
  throw new ShopctlError('usage', {
    message: `\`--jobs ${text}\` is not a whole number from 1 to ${MAX_JOBS}`,
  });
}

function baseUrls({ services }: Project): Record<string, string> {
  return Object.fromEntries(
    services.flatMap((service) => {
      const url = baseUrl(service);
      return url === undefined ? [] : [[service.name, url]];
    }),
  );
}
