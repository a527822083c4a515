import { json } from './json.ts';
import { junit } from './junit.ts';
import { pretty } from './pretty/pretty.ts';
import type { Reporter } from './reporter.ts';

export const reporters: readonly Reporter[] = [pretty, junit, json];
