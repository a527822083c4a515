import { formatDuration } from '../../lib/duration.ts';
import type { Exchange } from '../../model/index.ts';
import { clip, indent, printable, type Style } from './style.ts';

const MAX_BODY_LINES = 24;
/** Of an answer, the headers that explain failures; the rest is noise there and complete in the JSON report. */
const TELLING_HEADERS: ReadonlySet<string> = new Set([
  'content-type',
  'location',
  'retry-after',
  'www-authenticate',
  'traceparent',
  'x-request-id',
]);

/** Request and response as lines, bodies pretty and bounded. */
export function exchangeLines(exchange: Exchange, style: Style): string[] {
  const { chalk } = style;
  const { request, response, failure, durationMs } = exchange;
  const sent = [
    `${chalk.bold('request')}  ${request.method} ${printable(request.url)}`,
    ...indent([...headerLines(request.headers, style), ...bodyLines(request.body ?? '', style)]),
  ];
  const took = chalk.dim(`(${formatDuration(durationMs)})`);
  if (response === undefined) return [...sent, `${chalk.bold('no answer')}  ${failure.message} ${took}`];
  const telling = Object.entries(response.headers).filter(([name]) => TELLING_HEADERS.has(name));
  return [
    ...sent,
    `${chalk.bold('response')} ${response.status} ${took}`,
    ...indent([
      ...headerLines(Object.fromEntries(telling), style),
      ...bodyLines(response.text, style),
      ...(response.truncated ? [chalk.dim('(cut here, the body goes on)')] : []),
    ]),
  ];
}

function headerLines(headers: Readonly<Record<string, string>>, style: Style): string[] {
  return Object.entries(headers).map(([name, value]) =>
    style.chalk.dim(clip(printable(`${name}: ${value}`), style)),
  );
}

function bodyLines(text: string, style: Style): string[] {
  if (text === '') return [];
  const lines = prettyJson(text).split(/\r?\n/);
  const shown = lines.slice(0, MAX_BODY_LINES).map((line) => clip(printable(line), style));
  const rest = lines.length - shown.length;
  return rest === 0 ? shown : [...shown, style.chalk.dim(`… ${rest} more lines`)];
}

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    // No JSON: shown as it came.
    return text;
  }
}
