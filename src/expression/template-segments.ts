export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  /** `offset` is where the expression's own text starts, behind `${`. */
  | { readonly kind: 'expression'; readonly source: string; readonly offset: number };

export type Split =
  | { readonly ok: true; readonly segments: readonly Segment[] }
  | { readonly ok: false; readonly offset: number; readonly message: string };

/** Cuts a scalar into text and expressions. Braces and strings inside an expression belong to it. */
export function splitTemplate(scalar: string): Split {
  const segments: Segment[] = [];
  let text = '';
  let index = 0;
  while (index < scalar.length) {
    const opening = scalar.indexOf('${', index);
    if (opening === -1) break;
    if (opening > index && scalar[opening - 1] === '$') {
      text += `${scalar.slice(index, opening - 1)}\${`;
      index = opening + 2;
      continue;
    }
    const end = expressionEnd(scalar, opening + 2);
    if (end === undefined) return { ok: false, offset: opening, message: 'this `${` has no closing `}`' };
    const source = scalar.slice(opening + 2, end);
    if (source.trim() === '')
      return { ok: false, offset: opening, message: 'there is no expression in `${}`' };
    segments.push(...textSegment(text + scalar.slice(index, opening)));
    segments.push({ kind: 'expression', source, offset: opening + 2 });
    text = '';
    index = end + 1;
  }
  segments.push(...textSegment(text + scalar.slice(index)));
  return { ok: true, segments };
}

const textSegment = (text: string): Segment[] => (text === '' ? [] : [{ kind: 'text', text }]);

/** A CEL string literal; triple-quoted ones may span lines. */
const STRING =
  /"""(?:\\[\s\S]|[\s\S])*?"""|'''(?:\\[\s\S]|[\s\S])*?'''|"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'/y;

function expressionEnd(scalar: string, start: number): number | undefined {
  let depth = 0;
  let index = start;
  while (index < scalar.length) {
    STRING.lastIndex = index;
    const literal = STRING.exec(scalar);
    if (literal !== null) {
      index += literal[0].length;
      continue;
    }
    const char = scalar[index];
    if (char === '}' && depth === 0) return index;
    if (char === '{') depth += 1;
    if (char === '}') depth -= 1;
    index += 1;
  }
  return undefined;
}
