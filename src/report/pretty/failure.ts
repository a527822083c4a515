import { formatPlace } from '../../lib/place.ts';
import type { Failure } from '../../model/index.ts';
import { exchangeLines } from './exchange.ts';
import { mismatchLines } from './mismatch.ts';
import { indent, type Style } from './style.ts';

/** Everything about one failure: place and frame, what was sent and received, what did not fit. */
export function failureText(failure: Failure, style: Style): string {
  const { chalk } = style;
  const { message, phase, step, hint, place, frame, usedFrom = [], exchange, mismatches } = failure;
  const where = phase === 'steps' ? '' : ` ${chalk.dim(`(in \`${phase}\`)`)}`;
  const isSaid = mismatches.some((mismatch) => mismatch.message === message);
  const lines = [
    `${chalk.bold(step)}${where}`,
    ...(isSaid && mismatches.length === 1 ? [] : [chalk.red(message)]),
    ...(hint === undefined ? [] : [`${chalk.yellow('hint:')} ${hint}`]),
    '',
    chalk.cyan(formatPlace(place)),
    ...usedFrom.map((from) => `${chalk.dim('used from')} ${chalk.cyan(formatPlace(from))}`),
    ...indent(frame.split('\n')),
    ...(exchange === undefined ? [] : ['', ...exchangeLines(exchange, style)]),
    ...mismatches.flatMap((mismatch) => ['', ...mismatchLines(mismatch, style)]),
    ...legend(failure, style),
  ];
  return `${lines.join('\n')}\n`;
}

function legend({ mismatches }: Failure, { chalk }: Style): string[] {
  const hasDifferences = mismatches.some(({ differences = [] }) => differences.length > 0);
  return hasDifferences ? ['', chalk.dim('- expected  + received')] : [];
}
