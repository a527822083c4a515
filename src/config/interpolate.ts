/** What `${…}` may read: environment variables, and facts of services such as `services.users.url`. */
export type Lookup = (name: string) => string | undefined;

export type Interpolated =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly name?: string; readonly reason: string; readonly hint: string };

const REFERENCE = /\$\$|\$\{([^}]*)\}?/g;
/** A dash is an operator after a variable, and part of a name after a dot: `${services.my-service.url}`. */
const FORM = /^([A-Za-z_]\w*(?:\.[\w-]+)*)(?:(:-|-|:\?|\?)([\s\S]*))?$/;

/**
 * Replaces `${VAR}`, `${VAR:-default}`, `${VAR-default}`, `${VAR:?message}`, `${VAR?message}`; `$$` is a dollar sign.
 * A variable without a value and without a default is an error, never an empty text.
 *
 * @see https://docs.docker.com/reference/compose-file/interpolation/
 */
export function interpolate(text: string, lookup: Lookup): Interpolated {
  let failure: Interpolated | undefined;
  const result = text.replace(REFERENCE, (reference, inner: string | undefined) => {
    if (reference === '$$') return '$';
    const value = reference.endsWith('}') ? resolve(inner ?? '', lookup) : unclosed(reference);
    if (value.ok) return value.text;
    failure ??= value;
    return '';
  });
  return failure ?? { ok: true, text: result };
}

function resolve(inner: string, lookup: Lookup): Interpolated {
  const [, name, operator, argument = ''] = FORM.exec(inner) ?? [];
  if (name === undefined) {
    return {
      ok: false,
      reason: `\`\${${inner}}\` is not a variable`,
      hint: 'write ${NAME}, ${NAME:-default} or ${NAME:?message}',
    };
  }
  if (argument.includes('${')) {
    return {
      ok: false,
      reason: `\`\${${inner}}\` has a variable inside another`,
      hint: `one default only: write \${${name}:-…} with a plain text`,
    };
  }
  const value = lookup(name);
  const counts = value !== undefined && (value !== '' || operator === undefined || !operator.startsWith(':'));
  if (counts) return { ok: true, text: value };
  if (operator === ':-' || operator === '-') return { ok: true, text: argument };
  if (operator === ':?' || operator === '?') {
    return {
      ok: false,
      reason: `${name} is not set: ${argument || 'it is required'}`,
      hint: `set ${name} in the environment`,
    };
  }
  return { ok: false, name, reason: `${name} is not set`, hint: `set it, or give a default: \${${name}:-…}` };
}

function unclosed(reference: string): Interpolated {
  return {
    ok: false,
    reason: `\`${reference}\` is not closed`,
    hint: 'add the closing brace, or write $$ for a dollar sign',
  };
}
