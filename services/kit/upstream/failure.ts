import { Problem, unavailable } from '../problem.ts';

/** 503: the service cannot be reached, or says itself that it is not available. */
export function upstreamDown(name: string, cause?: unknown): Problem {
  return unavailable('upstream-unavailable', `The ${name} service is not available.`, cause);
}

/** 504: nobody knows whether the service did what was asked. */
export function upstreamTimeout(name: string, cause?: unknown): Problem {
  return new Problem(
    {
      status: 504,
      kind: 'upstream-timeout',
      title: 'A needed service did not answer in time',
      detail: `The ${name} service did not answer in time.`,
      headers: { 'retry-after': '1' },
    },
    { cause },
  );
}

/** 502: the answer cannot be understood. */
export function upstreamNonsense(name: string, what: string, cause?: unknown): Problem {
  return new Problem(
    {
      status: 502,
      kind: 'upstream-nonsense',
      title: 'A needed service answered something unexpected',
      detail: `The ${name} service ${what}.`,
    },
    { cause },
  );
}
