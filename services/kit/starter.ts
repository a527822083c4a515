import { channel } from 'node:diagnostics_channel';
import { closeSync, fstatSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { ExitError } from './exit-error.ts';

/** Whoever runs this program in one file with a code cache keeps what was compiled by now. */
const started = channel('program.started');

/** What a service and the process that started it tell each other, where that process cares. */
export interface Starter {
  /** Resolves when the service may open its database and listen. Throws `ExitError` (3) when the starter has gone. */
  mayServe(): Promise<void>;
  /** Tells that the service listens. */
  tellReady(): void;
}

/**
 * Takes the two pipes whose numbers are in `READY_FD` and `START_FD`; without them nobody cares, and the service may
 * serve at once. To be called first of all: later a number that was inherited by mistake may stand for something else.
 */
export function findStarter(variables: NodeJS.ProcessEnv = process.env): Starter {
  const ready = takePipe(variables, 'READY_FD');
  const start = takePipe(variables, 'START_FD');
  return {
    mayServe: async () => {
      if (start !== undefined) await untilTold(start);
    },
    tellReady: () => {
      started.publish(undefined);
      if (ready !== undefined) tell(ready, 'READY=1\n');
    },
  };
}

/** What this process starts itself has nothing to say to its starter, so that the variable ends here. */
function takePipe(variables: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = variables[name];
  delete variables[name];
  if (text === undefined || !/^\d{1,4}$/.test(text)) return undefined;
  try {
    // What Node itself has open by now are files and pipes; ours are sockets.
    return fstatSync(Number(text)).isSocket() ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/** That nobody listens any more is no reason not to serve. */
function tell(descriptor: number, line: string): void {
  try {
    writeSync(descriptor, line);
    closeSync(descriptor);
  } catch {
    // It has gone.
  }
}

/** A line says go. The end of the pipe without one says that whoever should have said it has died. */
async function untilTold(descriptor: number): Promise<void> {
  const pipe = new Socket({ fd: descriptor, readable: true, writable: false });
  const isTold = await new Promise<boolean>((resolve) => {
    pipe.on('data', (piece) => {
      if (piece.includes('\n')) resolve(true);
    });
    pipe.on('close', () => resolve(false)).on('error', () => resolve(false));
  });
  pipe.destroy();
  if (!isTold) throw new ExitError(['Whoever started it ended before it was told to serve.'], 3);
}
