// Asks other services over HTTP: deadlines, retries where they are harmless, the caller's trace passed on.
// It must not know what the answers mean: a 4xx is handed back, only the absence of an answer is an error here.
export { absentUpstream } from './absent.ts';
export type { Credentials } from './credentials.ts';
export { upstreamDown, upstreamNonsense, upstreamTimeout } from './failure.ts';
export { createUpstream, type Upstream, type UpstreamAnswer } from './upstream.ts';
