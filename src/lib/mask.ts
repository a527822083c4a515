export const MASK = '***';
/** Shorter values are left alone: masking `1` or `no` wherever it stands would wreck every report. */
const MIN_SECRET_LENGTH = 4;
/** Services call much a token that is a word; what stands under such a name is masked there in any case. */
const MIN_LEARNED_LENGTH = 6;
const SECRET_VARIABLE = /token|secret|password|key/i;
const SECRET_HEADER =
  /^(authorization|proxy-authorization|cookie|set-cookie)$|token|secret|password|api-?key/i;
const SECRET_FIELD = /token|secret|password|api[-_]?key|authorization/i;
/** A string or number member of a JSON text whose name says that it is a secret. */
const SECRET_MEMBER =
  /("[^"\\]*(?:token|secret|password|api[-_]?key|authorization)[^"\\]*"\s*:\s*)(?:"(?:\\.|[^"\\])*"|-?\d[\d.e+-]*)/gi;

/** The same in a query or a form: `password=…`. */
const SECRET_PARAMETER = /((?:^|[?&])[^=&\s]*(?:token|secret|password|api[-_]?key)[^=&\s]*=)[^&\s"]+/gi;

interface Learnable {
  readonly headers?: Readonly<Record<string, string>>;
  /** A parsed body. */
  readonly json?: unknown;
  /** A body as text: JSON, a form, or anything else, which teaches nothing. */
  readonly body?: string;
}

/** Keeps secrets out of everything that is printed or written. */
export interface Mask {
  /** Remembers a value that must not be shown. */
  add(value: string): void;
  /** Remembers what stands in headers such as `authorization` and in fields such as `access_token`. */
  learn(data: Learnable): void;
  /** Plain data with every known secret, and every value under a secret's name, replaced by `***`. */
  apply<T>(data: T): T;
}

/** @param env the environment; values of variables named like secrets are masked from the start */
export function createMask(env: Readonly<Record<string, string | undefined>>): Mask {
  const known = new Set<string>();
  let secrets: readonly string[] = [];
  const add = (value: string): void => {
    if (value.length < MIN_SECRET_LENGTH) return;
    // A key with line breaks or quotes stands in JSON in another spelling, one with `/` or `+` in a URL.
    for (const spelling of [value, JSON.stringify(value).slice(1, -1), encoded(value)]) known.add(spelling);
  };
  // Texts are many, and secrets come in between seldom: to sort these for each text took a third of a run.
  const longestFirst = (): readonly string[] => {
    if (secrets.length !== known.size) secrets = [...known].sort((a, b) => b.length - a.length);
    return secrets;
  };
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && SECRET_VARIABLE.test(name)) add(value);
  }
  return {
    add,
    learn: ({ headers = {}, json, body = '' }) => {
      for (const [name, value] of Object.entries(headers))
        if (SECRET_HEADER.test(name)) learnHeader(value, add);
      learnFields(json, add);
      if (body !== '') learnFields(fieldsOf(body), add);
    },
    apply: (data) => maskData(data, longestFirst()),
  };
}

/** Of `Bearer abc`, the part that is secret is `abc`. */
function learnHeader(value: string, add: (value: string) => void): void {
  const secret = value.replace(/^(bearer|basic|token)\s+/i, '');
  if (secret.length >= MIN_LEARNED_LENGTH) add(secret);
}

/** Everything below a secret's name is secret: `tokens: [a, b]`, `secret: { value: a }`. */
function learnFields(data: unknown, add: (value: string) => void, isSecret = false): void {
  if (typeof data === 'object' && data !== null) {
    for (const [name, value] of Object.entries(data)) {
      learnFields(value, add, isSecret || SECRET_FIELD.test(name));
    }
  } else if (isSecret && isSecretValue(data) && String(data).length >= MIN_LEARNED_LENGTH) {
    add(String(data));
  }
}

function fieldsOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // No JSON: a form, or a text in which this finds no names.
    return Object.fromEntries(new URLSearchParams(body));
  }
}

function encoded(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    // Half a surrogate pair: no URL can hold it.
    return value;
  }
}

const isSecretValue = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number';

/** Rebuilding data key by key keeps its shape, so the result is of the type that came in. */
function maskData<T>(data: T, secrets: readonly string[], isSecret?: boolean): T;
function maskData(data: unknown, secrets: readonly string[], isSecret = false): unknown {
  if (isSecret && isSecretValue(data)) return MASK;
  if (typeof data === 'string') return maskText(data, secrets);
  if (Array.isArray(data)) return data.map((item: unknown) => maskData(item, secrets, isSecret));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      maskData(value, secrets, isSecret || isSecretName(name)),
    ]),
  );
}

/** Whether a name, or a path such as `body.access_token`, says that a secret stands there. */
export const isSecretName = (name: string): boolean => SECRET_HEADER.test(name) || SECRET_FIELD.test(name);

/** @param secrets longest first, so that one inside another does not leave the rest of it standing */
function maskText(text: string, secrets: readonly string[]): string {
  let masked = text.replace(SECRET_MEMBER, `$1"${MASK}"`).replace(SECRET_PARAMETER, `$1${MASK}`);
  for (const secret of secrets) {
    if (secret.length <= masked.length) masked = masked.replaceAll(secret, MASK);
  }
  return masked;
}
