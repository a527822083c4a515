/** A path such as `/api/users/{id}`, compiled so that concrete paths can be told from templated ones. */
export interface PathTemplate {
  readonly path: string;
  readonly segments: readonly Segment[];
}

interface Segment {
  readonly text: string;
  /** Matches one decoded segment. */
  readonly pattern: RegExp;
  /** 0 wholly literal, 1 partly (`{name}.json`), 2 wholly variable: lower is more specific. */
  readonly rank: 0 | 1 | 2;
}

const VARIABLE = /\{[^{}]*\}/g;

export function compilePath(path: string): PathTemplate {
  return { path, segments: path.split('/').map(compileSegment) };
}

function compileSegment(text: string): Segment {
  const literals = text.split(VARIABLE);
  const source = literals.map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.+)');
  const isBare = literals.length === 2 && literals.every((literal) => literal === '');
  return { text, pattern: new RegExp(`^${source}$`, 's'), rank: literals.length === 1 ? 0 : isBare ? 2 : 1 };
}

/** Whether `path` (still percent-encoded, below the server's base path) is one that the template stands for. */
export function matchesPath(template: PathTemplate, path: string): boolean {
  const segments = path.split('/');
  if (segments.length !== template.segments.length) return false;
  return template.segments.every(({ pattern }, index) => pattern.test(decodeSegment(segments[index] ?? '')));
}

/** Order for `sort`: concrete before templated (OpenAPI, "Path Templating Matching"), from left to right. */
export function bySpecificity(a: PathTemplate, b: PathTemplate): number {
  for (const [index, segment] of a.segments.entries()) {
    const difference = segment.rank - (b.segments[index]?.rank ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The path with its variables filled in and encoded; undefined names are left as they stand. */
export function expandPath(template: PathTemplate, values: ReadonlyMap<string, string>): string {
  return template.path.replace(VARIABLE, (variable) => {
    const value = values.get(variable.slice(1, -1));
    return value === undefined ? variable : encodeURIComponent(value);
  });
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // Not valid percent-encoding: the server sees the same raw text.
  }
}
