/**
 * Turns what came out of a run into text: for people while it runs, for files when it has ended.
 * Knows the model and no engine; gives strings, and prints nothing.
 */

export { testJson } from './json.ts';
export { prettyEvent } from './pretty/event.ts';
export { openReports } from './report-files.ts';
