import type { LoadProfile, Project } from '../../config/index.ts';
import { EXIT, type ExitCode, ShopctlError } from '../../errors/index.ts';
import { parseDuration } from '../../lib/duration.ts';
import { prepareLoad, runLoad } from '../../load/index.ts';
import type { LoadVerdict } from '../../model/index.ts';
import { loadJson } from '../../report/load-json.ts';
import { loadPretty } from '../../report/load-pretty.ts';
import { didYouMean } from '../../source/index.ts';
import type { CliContext } from '../context.ts';
import { loadProgress } from '../load-progress.ts';

export interface LoadOptions {
  readonly duration?: string;
  readonly connections?: string;
  readonly users?: string;
}

export interface LoadSurroundings {
  readonly context: CliContext;
  /** Runs `body` with the topology up, and takes down what it brought up. */
  withTopology<T>(project: Project, context: CliContext, body: () => Promise<T>): Promise<T>;
  /** The built generator program, where it does not lie beside the load engine. */
  readonly generatorFile?: URL;
}

const EXIT_OF: Readonly<Record<LoadVerdict, ExitCode>> = {
  passed: EXIT.ok,
  failed: EXIT.failed,
  inconclusive: EXIT.inconclusive,
  'target-lost': EXIT.environment,
  interrupted: EXIT.interrupted,
};

/**
 * `shopctl load <profile>`: checks the profile, brings the topology up, drives the load, prints what it showed.
 *
 * @throws ShopctlError for an unknown profile or option (2), a target that is down (3)
 */
export async function load(
  profileName: string,
  options: LoadOptions,
  { context, withTopology, generatorFile }: LoadSurroundings,
): Promise<ExitCode> {
  const project = await context.loadProject('fresh');
  const profile = withOptions(profileOf(project, profileName), options);
  const prepared = await prepareLoad({ project, profile, env: context.env, cwd: process.cwd() });
  const progress = loadProgress(context, profile);
  const { seed, signal } = context;
  const run = {
    seed,
    signal,
    onSecond: progress.second,
    ...(generatorFile === undefined ? {} : { generatorFile }),
  };
  const result = await withTopology(project, context, () => runLoad(prepared, run).finally(progress.end));
  context.stdout.write(
    context.json ? `${JSON.stringify(loadJson(result))}\n` : loadPretty(result, context.color),
  );
  return EXIT_OF[result.verdict];
}

function profileOf(project: Project, name: string): LoadProfile {
  const profile = project.load.get(name);
  if (profile !== undefined) return profile;
  const known = [...project.load.keys()];
  const near = didYouMean(name, known);
  const list =
    known.length === 0 ? 'the configuration has none below `load:`' : `profiles: ${known.join(', ')}`;
  throw new ShopctlError('load-profile-unknown', {
    message: `there is no load profile \`${name}\``,
    hint: near === undefined ? list : `did you mean \`${near}\`? (${list})`,
  });
}

function withOptions(profile: LoadProfile, { duration, connections, users }: LoadOptions): LoadProfile {
  const durationMs = duration === undefined ? profile.durationMs : durationOption(duration);
  if (profile.executor === 'users') {
    if (connections !== undefined) throw unfitting(profile, '--connections', '--users');
    return { ...profile, durationMs, users: users === undefined ? profile.users : usersOption(users) };
  }
  if (users !== undefined) throw unfitting(profile, '--users', '--connections');
  return {
    ...{ ...profile, durationMs },
    connections: connections === undefined ? profile.connections : connectionsOption(connections),
  };
}

function unfitting({ name, executor }: LoadProfile, option: string, other: string): ShopctlError {
  const has = executor === 'users' ? 'a journey' : 'single requests';
  return new ShopctlError('usage', {
    message: `\`${option}\` has no meaning for the load profile \`${name}\`, which has ${has}`,
    hint: `use ${other}`,
  });
}

function durationOption(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined && durationMs > 0) return durationMs;
  throw new ShopctlError('usage', {
    message: `\`--duration ${text}\` is not a duration above zero`,
    hint: 'such as 500ms, 30s or 1m30s',
  });
}

const connectionsOption = (text: string) => countOption('--connections', text, 10_000);
const usersOption = (text: string) => countOption('--users', text, 1_000);

function countOption(option: string, text: string, most: number): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= most) return count;
  throw new ShopctlError('usage', {
    message: `\`${option} ${text}\` is not a whole number from 1 to ${most}`,
  });
}
