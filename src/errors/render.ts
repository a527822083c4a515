import { stripVTControlCharacters } from 'node:util';
import { Chalk, type ChalkInstance } from 'chalk';
import { formatPlace } from '../lib/place.ts';
import type { Problem, ShopctlError } from './shopctl-error.ts';

/** The error as a person reads it: sentence, then every problem with place, code frame and remedy. */
export function renderError(error: ShopctlError, color: boolean): string {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const lines = [`${chalk.red.bold('error')} ${chalk.dim(`[${error.code}]`)} ${error.message}`];
  // Evidence is what others wrote: their colours would run on into our own words.
  if (error.detail !== undefined) lines.push(indent(stripVTControlCharacters(error.detail), '  '));
  for (const problem of error.problems) lines.push('', renderProblem(problem, chalk));
  if (error.hint !== undefined)
    lines.push(...(error.problems.length > 0 ? [''] : []), hintLine(error.hint, chalk));
  return `${lines.join('\n')}\n`;
}

/** The error as a machine reads it: schema `shopctl/error/1`. */
export function errorToJson(error: ShopctlError): Record<string, unknown> {
  return {
    schema: 'shopctl/error/1',
    code: error.code,
    message: error.message,
    exit_code: error.exitCode,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    problems: error.problems.map(({ message, place, hint }) => ({
      message,
      ...(place === undefined ? {} : { place: formatPlace(place) }),
      ...(hint === undefined ? {} : { hint }),
    })),
  };
}

function renderProblem(problem: Problem, chalk: ChalkInstance): string {
  const at = problem.place === undefined ? '' : `${chalk.cyan(formatPlace(problem.place))} `;
  const lines = [`${at}${problem.message}`];
  if (problem.frame !== undefined) lines.push(indent(problem.frame, '  '));
  if (problem.hint !== undefined) lines.push(hintLine(problem.hint, chalk));
  return lines.join('\n');
}

function hintLine(hint: string, chalk: ChalkInstance): string {
  return `  ${chalk.yellow('hint:')} ${hint}`;
}

function indent(text: string, by: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : by + line))
    .join('\n');
}
