import type { ClientMethodName, ClientMethods } from '../wire/methods.ts';

/** What to do for each method. */
export type Handlers = { readonly [Name in ClientMethodName]?: (fields: ClientMethods[Name]) => void };

/** Runs the handler of a method; false when there is none. */
export function handle<Name extends ClientMethodName>(
  handlers: Handlers,
  method: { readonly name: Name; readonly fields: ClientMethods[Name] },
): boolean {
  const handler: Handlers[Name] = handlers[method.name];
  handler?.(method.fields);
  return handler !== undefined;
}
