import type { Duplex } from 'node:stream';

/**
 * The variable in which a service with `eager: true` finds the number of the file descriptor on which it is told to serve:
 * a line. The end of the pipe without one says that whoever should have told it is gone.
 */
export const START_VARIABLE = 'START_FD';

/** Tells a service over its pipe that it may serve. */
export function letServeOver(pipe: Duplex): () => void {
  // One that has ended hears it no more, and its end is reported anyway.
  pipe.on('error', () => undefined);
  // What it may write there means nothing, and must not hold it up.
  pipe.resume();
  return () => pipe.end('START=1\n');
}

/** What the promise comes to. @throws the reason of the signal as soon as that is aborted */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Why a service that has been started and is not told to serve does not become ready. */
export const waitsForNeeds = (needs: readonly string[]): string =>
  `loaded early, waits for ${needs.join(', ')}`;
