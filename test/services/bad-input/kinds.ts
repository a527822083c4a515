import { bodyKinds } from './body-kinds.ts';
import type { Kind } from './case.ts';
import { parameterKinds } from './parameter-kinds.ts';
import { textKinds } from './text-kinds.ts';
import { whoKinds } from './who-kinds.ts';

/** Every way in which a request can be bad. */
export const badKinds: readonly Kind[] = [...bodyKinds, ...parameterKinds, ...textKinds, ...whoKinds];
