// Spans of requests, statements and events for OpenTelemetry: what they are called and tell, and how they are sent.
// Which span is active is known by `context.ts` alone, and no other folder may know which SDK it is.
export { questionSpan, requestSpan, tellAnswer, tellStatus } from './http.ts';
export { createSpan, processSpan, sendSpan } from './messaging.ts';
export { continueSpan, inSpan, openSpan, type Span } from './open-span.ts';
export { reasonCode } from './reason-code.ts';
export { readTracing, type TracingSettings } from './settings.ts';
export type { Tracer } from './span.ts';
export { statementSpan } from './statement.ts';
export { openTracing, type Tracing } from './tracing.ts';
