/**
 * The kinds of step, as a table; a new kind is one file here and one line below (`npm run new:step <name>`).
 * Knows nothing of tests and suites.
 */
import type { StepKind } from '../step-kind.ts';
import { http } from './http.ts';
import { use } from './use.ts';

export const stepKinds: readonly StepKind[] = [http, use];
