// What the shop's events hold: one schema for each type, from which types, readers and the AsyncAPI document come.
// It must not know how events travel, nor who publishes or consumes them beyond what the document has to say.
export type { EventData } from './data.ts';
export { readEvent } from './read.ts';
export { eventAbout } from './tell.ts';
