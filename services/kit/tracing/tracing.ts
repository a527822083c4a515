import { runOutsideContext } from '../context.ts';
import type { Logger } from '../log.ts';
import type { TracingSettings } from './settings.ts';
import type { Tracer } from './span.ts';

/** A process's spans on their way out. Owns a queue, a timer and connections until `close`. */
export interface Tracing {
  /** Undefined: spans go nowhere, and none are made. */
  tracer: Tracer | undefined;
  /** Sends what waits, for at most `limitMs`. Never rejects. */
  close(limitMs: number): Promise<void>;
}

const off: Tracing = { tracer: undefined, close: async () => undefined };

/** Without settings the SDK of OpenTelemetry is not loaded. */
export async function openTracing(
  service: string,
  settings: TracingSettings | undefined,
  log: Logger,
): Promise<Tracing> {
  if (settings === undefined) return off;
  const { openSdk } = await import('./otlp.ts');
  const { tracer, shutdown } = openSdk(service, settings, log);
  return {
    tracer,
    close: (limitMs) =>
      runOutsideContext(async () => {
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise<boolean>((resolve) => {
          timer = setTimeout(resolve, limitMs, true);
        });
        // What could not be sent has been told by then.
        const done = shutdown().then(
          () => false,
          () => false,
        );
        if (await Promise.race([done, late])) log.warn('spans could not be sent before the end');
        clearTimeout(timer);
      }),
  };
}
