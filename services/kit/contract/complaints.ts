import type { ErrorObject } from 'ajv';
import type { Complaint } from '../problem.ts';

/** Tells ajv's errors in terms of the request: the pointer names the missing or unknown field itself. */
export function complaintsOf(errors: readonly ErrorObject[] | null | undefined, root: string): Complaint[] {
  return (errors ?? []).map((error) => {
    const at = `${root}${error.instancePath}`;
    const missing: unknown = error.params['missingProperty'];
    if (error.keyword === 'required') return { pointer: `${at}/${missing}`, message: 'is required' };
    const extra: unknown = error.params['additionalProperty'];
    if (error.keyword === 'additionalProperties')
      return { pointer: `${at}/${extra}`, message: 'is not a known field' };
    const allowed: unknown = error.params['allowedValues'];
    if (error.keyword === 'enum' && Array.isArray(allowed)) {
      return { pointer: at, message: `must be one of ${allowed.join(', ')}` };
    }
    if (error.keyword === 'false schema') return { pointer: at, message: 'does not go with the rest' };
    return { pointer: at, message: error.message ?? 'is not valid' };
  });
}
