/** A JSON object whose members are not known yet. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A part of a document together with the JSON pointer at which it stands. */
export interface Located {
  pointer: string;
  value: unknown;
}

/** Goes down one member. */
export function member(at: Located, key: string): Located {
  return {
    pointer: `${at.pointer}/${escapeToken(key)}`,
    value: isObject(at.value) ? at.value[key] : undefined,
  };
}

/** Follows `$ref`s inside the document (`#/components/...`) until a real part is reached. */
export function resolve(document: JsonObject, at: Located): Located {
  let here = at;
  for (let depth = 0; depth < 20; depth += 1) {
    const reference = isObject(here.value) ? here.value['$ref'] : undefined;
    if (typeof reference !== 'string') return here;
    here = find(document, reference);
  }
  throw new Error(`${at.pointer} refers in circles`);
}

function find(document: JsonObject, reference: string): Located {
  if (!reference.startsWith('#/')) throw new Error(`"${reference}" leaves the document`);
  const found = reference
    .slice(2)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(member, { pointer: '', value: document });
  if (found.value === undefined) throw new Error(`"${reference}" leads nowhere`);
  return found;
}

/** RFC 6901, sections 3 and 4. */
function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
