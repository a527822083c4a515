import type { Difference, Mismatch, TracedValue } from '../../model/index.ts';
import { clip, indent, printable, type Style } from './style.ts';

const MAX_DIFFERENCES = 20;

/** One expectation that was not met: its sentence, then the differences or the values behind it. */
export function mismatchLines({ message, differences = [], trace = [] }: Mismatch, style: Style): string[] {
  const shown = differences.slice(0, MAX_DIFFERENCES);
  const rest = differences.length - shown.length;
  return [
    style.chalk.red(printable(message)),
    ...indent(shown.flatMap((difference) => differenceLines(difference, style))),
    ...(rest === 0 ? [] : indent([style.chalk.dim(`… ${rest} more differences`)])),
    ...indent(trace.map((line) => traceLine(line, style))),
  ];
}

function differenceLines({ path, kind, expected, received }: Difference, style: Style): string[] {
  const { chalk } = style;
  const wanted = `- ${printable(expected ?? '')}`;
  const got = `+ ${printable(received ?? '')}`;
  switch (kind) {
    case 'changed':
      return [path, ...indent([chalk.green(clip(wanted, style)), chalk.red(clip(got, style))])];
    case 'missing':
      return [`${path} ${chalk.dim('is missing')}`, ...indent([chalk.green(clip(wanted, style))])];
    case 'unexpected':
      return [`${path} ${chalk.dim('is not expected')}`, ...indent([chalk.red(clip(got, style))])];
  }
}

function traceLine({ source, value, error }: TracedValue, style: Style): string {
  const meaning = error === undefined ? `= ${JSON.stringify(value) ?? 'nothing'}` : `: ${error}`;
  const gap = error === undefined ? ' ' : '';
  return clip(printable(`${source}${gap}${meaning}`), style);
}
