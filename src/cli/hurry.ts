const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Hurry {
  /** Aborted by a second Ctrl-C (or SIGTERM): whatever is being stopped gets no more grace. */
  readonly signal: AbortSignal;
  /** A stop was asked for in another way: the next Ctrl-C is the second. */
  countFirst(): void;
  release(): void;
}

/** Listens for the interruption after the first one, which `interrupted` stands for. */
export function listenForHurry(interrupted: AbortSignal): Hurry {
  const controller = new AbortController();
  let isFirst = !interrupted.aborted;
  const onSignal = () => {
    // The signal that has just interrupted us arrives here as well, before or after it aborted `interrupted`.
    if (isFirst) isFirst = false;
    else if (interrupted.aborted) controller.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    countFirst: () => {
      isFirst = false;
    },
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
