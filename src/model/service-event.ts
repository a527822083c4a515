/** How a process ended: its code, its signal, or nothing that anybody could tell us, since we had adopted it. */
export type ServiceExit =
  | { readonly code: number }
  | { readonly signal: string }
  | { readonly unknown: 'adopted' };

/** One line that a service wrote. */
export interface LogLine {
  /** Epoch milliseconds at which the line was received. */
  readonly atMs: number;
  readonly text: string;
  /** Absent where it is not known. */
  readonly stream?: 'stdout' | 'stderr';
}

interface At {
  readonly service: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** What happens to the services of a topology, in the order in which it happens. */
export type ServiceEvent =
  /** A process of an earlier run that had died without stopping it, and that was ended now. */
  | (At & { readonly type: 'service-reaped'; readonly pid: number })
  /** Started (own, with pid), or probed for the first time (runs elsewhere). */
  | (At & { readonly type: 'service-starting'; readonly pid?: number })
  | (At & {
      readonly type: 'service-ready';
      readonly tookMs: number;
      readonly pid?: number;
      readonly url?: string;
      /** It ran already, and somebody else has started it. */
      readonly adopted?: true;
    })
  /** A job has ended with exit code 0. */
  | (At & { readonly type: 'service-completed'; readonly tookMs: number })
  /** Will not become ready. With `required: false` the rest goes on. */
  | (At & {
      readonly type: 'service-failed';
      readonly required: boolean;
      readonly message: string;
      readonly lastLines: readonly string[];
    })
  /** Ended by itself after it had been ready. */
  | (At & {
      readonly type: 'service-exited';
      readonly required: boolean;
      readonly exit: ServiceExit;
      readonly livedMs: number;
      readonly lastLines: readonly string[];
    })
  /** Was ready, and does not answer any more; `message` says what was seen last. */
  | (At & { readonly type: 'service-unhealthy'; readonly message: string })
  | (At & { readonly type: 'service-healthy' })
  /** Has ended by itself, and is started again after a wait; `attempt` counts from 1. */
  | (At & { readonly type: 'service-restarting'; readonly afterMs: number; readonly attempt: number })
  /** It runs, but what it needs has been stopped or has ended: `needs` names what is away. */
  | (At & { readonly type: 'service-waiting'; readonly needs: readonly string[] })
  /** What it needs is back, and it answers. */
  | (At & { readonly type: 'service-resumed' })
  /** Files that it watches have changed: the first of them, from the project's folder, and how many there are. */
  | (At & { readonly type: 'service-changed'; readonly files: readonly string[]; readonly count: number })
  | (At & { readonly type: 'service-building'; readonly command: string })
  | (At & { readonly type: 'service-built'; readonly tookMs: number })
  /** Its old process goes on; `message` is the end of a sentence that begins with the build. */
  | (At & {
      readonly type: 'service-build-failed';
      readonly message: string;
      readonly lastLines: readonly string[];
    })
  /** Its files cannot be watched, or it could not be restarted at this time. */
  | (At & { readonly type: 'service-watch-trouble'; readonly message: string })
  | (At & { readonly type: 'service-stopping' })
  | (At & { readonly type: 'service-stopped'; readonly how: StopOutcome; readonly tookMs: number })
  | { readonly type: 'log-lines'; readonly service: string; readonly lines: readonly LogLine[] };

/**
 * `killed`: did not end within its grace. `survived`: not even SIGKILL ended it. `left-running`: was adopted, so that
 * whoever started it stops it.
 */
export type StopOutcome = 'already-gone' | 'terminated' | 'killed' | 'survived' | 'left-running';
