import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import { runOutsideContext } from '../context.ts';
import type { Logger } from '../log.ts';

/** `ExportResultCode.SUCCESS` of a package that is not ours to load. */
const success = 0;

interface OutageOptions {
  /** Host and port; no credentials. */
  receiver: string;
  log: Logger;
}

/** The same exporter, which says once that spans are lost, and once that they are not any more. */
export function tellOutages(exporter: SpanExporter, { receiver, log }: OutageOptions): SpanExporter {
  let lost = 0;
  const tell = (count: number, error: Error | undefined) => {
    if (error === undefined) {
      if (lost > 0) log.info({ receiver, lost }, 'spans are sent again');
      lost = 0;
      return;
    }
    if (lost === 0) log.warn({ receiver, reason: reasonOf(error) }, 'spans cannot be sent, and are lost');
    lost += count;
  };
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const error = result.code === success ? undefined : (result.error ?? new Error('no reason given'));
        // Whose request it was that filled the batch says nothing.
        runOutsideContext(() => tell(spans.length, error));
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}

/** A status or the code of a connection; what a receiver answers may repeat what it was sent. */
function reasonOf(error: Error): string {
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'number' || typeof code === 'string' ? String(code) : error.message.slice(0, 200);
}
