/**
 * Expressions (CEL), their units, and `${}` templates: checked before they run, and explained when they are false.
 * Knows nothing of suites, requests or load; a scope is plain JSON-like data.
 */
export { createEvaluator, type Evaluator, type Scope } from './evaluator.ts';
export { ExpressionError } from './expression-error.ts';
export { type FakeData, loadFakeData, mentionsFakeData } from './fake-data.ts';
export { Matcher } from './matcher.ts';
export { compileTemplate, type Template } from './template.ts';
export type { TraceLine } from './trace.ts';
export { replaceUnits } from './units.ts';
