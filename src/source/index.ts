/**
 * Text files with positions: YAML in, plain data and places out, and errors that show the line they mean.
 * Knows nothing of what a file is about.
 */

export { formatPlace, type Place } from '../lib/place.ts';
export { codeFrame } from './code-frame.ts';
export { didYouMean } from './did-you-mean.ts';
export { type Path, parseSource, type SourceDocument } from './document.ts';
export { knownSource } from './known-source.ts';
export { problemAt, schemaProblems } from './schema-problems.ts';
