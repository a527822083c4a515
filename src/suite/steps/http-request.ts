import type { HttpRequest, RequestBody } from '../../http/index.ts';
import { type Path, type Place, problemAt } from '../../source/index.ts';
import { type CompileContext, type PlacedTemplate, sentTemplateAt } from '../compile-context.ts';
import type { RawStep } from '../file.ts';
import { StepFailure } from '../step-failure.ts';
import type { TestRun } from '../suite.ts';

const START_WITH_SERVICE = 'start with a service, such as `${users}/api/users`';

/** Builds the request anew each time, so that `${uuid()}` differs from one parallel request to the next. */
export type BuildRequest = (run: TestRun) => HttpRequest;

interface RequestInFile {
  readonly method: string;
  readonly raw: RawStep;
  readonly path: Path;
  readonly context: CompileContext;
}

/** Reads method, URL, headers and body of the step at `path`. */
export function compileRequest({ method, raw, path, context }: RequestInFile): BuildRequest {
  const urlPath = [...path, method];
  checkUrl(String(raw[method]), urlPath, context);
  const url = sentTemplateAt(context, urlPath, raw[method]);
  const headers = sentTemplateAt(context, [...path, 'headers'], raw['headers'] ?? {});
  const body = compileBody(raw, path, context);
  const { document } = context;
  const place = document.placeOf(urlPath);
  return (run) => ({
    method,
    url: absoluteUrl(String(url(run)), { document, place }),
    headers: texts(headers(run)),
    ...(body === undefined ? {} : { body: body(run) }),
  });
}

function compileBody(
  raw: RawStep,
  path: Path,
  context: CompileContext,
): ((run: TestRun) => RequestBody) | undefined {
  const part = (key: string): PlacedTemplate | undefined =>
    Object.hasOwn(raw, key) ? sentTemplateAt(context, [...path, key], raw[key]) : undefined;
  const json = part('json');
  const text = part('body');
  const form = part('form');
  if (json !== undefined) return (run) => ({ kind: 'json', value: json(run) });
  if (text !== undefined) return (run) => ({ kind: 'text', text: asText(text(run)) });
  if (form !== undefined) return (run) => ({ kind: 'form', fields: texts(form(run)) });
  return undefined;
}

function checkUrl(url: string, path: Path, { document, problems }: CompileContext): void {
  if (/^(https?:\/\/|\$\{)/i.test(url)) return;
  const hint = START_WITH_SERVICE;
  problems.push(problemAt(document, path, `the URL \`${url}\` does not say which service it goes to`, hint));
}

function absoluteUrl(url: string, at: { document: CompileContext['document']; place: Place }): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new StepFailure({
    message: `\`${url}\` is no http or https URL`,
    hint: START_WITH_SERVICE,
    ...at,
  });
}

function texts(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, item]) => [name, asText(item)]));
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
