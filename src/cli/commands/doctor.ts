import { dirname, resolve } from 'node:path';
import { Chalk, type ChalkInstance } from 'chalk';
import type { Project } from '../../config/index.ts';
import { examine, type Finding, type Level, type Scene } from '../../doctor/index.ts';
import { EXIT, type ExitCode, errorToJson, renderError, ShopctlError } from '../../errors/index.ts';
import type { CliContext } from '../context.ts';
import { writeAll } from '../log-printer.ts';

export interface DoctorOptions {
  /** The user has said which configuration is meant. */
  readonly isConfigNamed: boolean;
}

/** Says what is as it has to be and what is not. Exit code: the environment's when there is a problem. */
export async function doctor(options: DoctorOptions, context: CliContext): Promise<ExitCode> {
  const found = await examine(await sceneOf(options, context), context.signal);
  const text = context.json
    ? `${JSON.stringify(doctorDocument(found))}\n`
    : doctorTable(found, { color: context.color, quiet: context.quiet });
  await writeAll(context.stdout, text);
  return found.some(({ level }) => level === 'problem') ? EXIT.environment : EXIT.ok;
}

async function sceneOf({ isConfigNamed }: DoctorOptions, { loadProject, env }: CliContext): Promise<Scene> {
  const cwd = process.cwd();
  try {
    const project: Project = await loadProject();
    return { project, hasNoConfig: false, root: project.root, env };
  } catch (projectError) {
    if (!(projectError instanceof ShopctlError)) throw projectError;
    const hasNoConfig = !isConfigNamed && projectError.code === 'config-not-found';
    const { file } = projectError.problems.find(({ place }) => place !== undefined)?.place ?? {};
    const root = file === undefined ? cwd : dirname(resolve(cwd, file));
    return { projectError, hasNoConfig, root, env };
  }
}

/** What was found, as a machine reads it: schema `shopctl/doctor/1`. */
function doctorDocument(found: readonly Finding[]): Record<string, unknown> {
  return {
    schema: 'shopctl/doctor/1',
    verdict: worst(found),
    findings: found.map(({ check, level, message, remedy, error }) => ({
      check,
      level,
      message,
      remedy: remedy ?? null,
      ...(error === undefined ? {} : { error: errorToJson(error) }),
    })),
  };
}

function worst(found: readonly Finding[]): Level {
  const levels = found.map(({ level }) => level);
  return (['problem', 'warning'] as const).find((level) => levels.includes(level)) ?? 'ok';
}

interface TableStyle {
  readonly color: boolean;
  /** Only what is not as it has to be. */
  readonly quiet: boolean;
}

/** A line for each finding with its remedy below it, and how many there are. */
export function doctorTable(found: readonly Finding[], { color, quiet }: TableStyle): string {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const width = Math.max(0, ...found.map(({ check }) => check.length));
  const shown = quiet ? found.filter(({ level }) => level !== 'ok') : found;
  const blocks = shown.map((finding) => block(finding, { width, chalk, color }));
  return [...blocks, ...(quiet ? [] : ['', summary(found)])].map((line) => `${line}\n`).join('');
}

const LEVEL_WIDTH = 'problem'.length;

function block(
  { check, level, message, remedy, error }: Finding,
  { width, chalk, color }: { readonly width: number; readonly chalk: ChalkInstance; readonly color: boolean },
): string {
  const lines = [`${paint(level, chalk)}  ${check.padEnd(width)}  ${message}`];
  const indent = ' '.repeat(LEVEL_WIDTH + width + 4);
  if (error !== undefined) {
    const text = renderError(error, color).trimEnd();
    lines.push(...text.split('\n').map((line) => (line === '' ? '' : indent + line)));
  }
  if (remedy !== undefined) lines.push(`${indent}${chalk.yellow('remedy:')} ${remedy}`);
  return lines.join('\n');
}

function paint(level: Level, chalk: ChalkInstance): string {
  const word = level.padEnd(LEVEL_WIDTH);
  if (level === 'ok') return chalk.green(word);
  return level === 'problem' ? chalk.red.bold(word) : chalk.yellow(word);
}

function summary(found: readonly Finding[]): string {
  const count = (level: Level, one: string, many: string) => {
    const number = found.filter((finding) => finding.level === level).length;
    return number === 0 ? [] : [`${number} ${number === 1 ? one : many}`];
  };
  const bad = [...count('problem', 'problem', 'problems'), ...count('warning', 'warning', 'warnings')];
  return bad.length === 0 ? 'everything is as it has to be' : bad.join(', ');
}
