import { closeSync, fstatSync, writeSync } from 'node:fs';

/**
 * Takes the pipe on which whoever started this process wants to hear that it is ready (`READY_FD`), and answers how to
 * say so. To be called before anything else is opened: later a number that was inherited by mistake may stand for it.
 */
export function takeReadyPipe(variables: NodeJS.ProcessEnv = process.env): () => void {
  const text = variables['READY_FD'];
  delete variables['READY_FD'];
  if (text === undefined || !/^\d{1,4}$/.test(text) || !isSocket(Number(text))) return () => undefined;
  return () => {
    try {
      writeSync(Number(text), 'READY=1\n');
      closeSync(Number(text));
    } catch {
      // Whoever wanted to know has gone.
    }
  };
}

function isSocket(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isSocket();
  } catch {
    return false;
  }
}
