/**
 * Looks at whatever a run needs of its surroundings, and says what is not as it has to be.
 * Starts no service, changes nothing, and knows no command line.
 */
export type { Level, Scene } from './diagnosis.ts';
export { examine, type Finding } from './examine.ts';
