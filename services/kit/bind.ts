import type { Server } from 'node:net';
import { ExitError } from './exit-error.ts';

interface BindOptions {
  server: Server;
  host: string;
  /** 0: any free one. */
  port: number;
  /** The variable that names the port, told where it is not the one that every service has. */
  setting?: string;
}

/** Gives a server its port and answers the real one. Throws `ExitError` (exit code 3) when it cannot be had. */
export async function bindPort({ server, host, port, setting }: BindOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another process uses that port' : error.message;
      const remedy = setting === undefined ? [] : [`${setting} names another.`];
      reject(new ExitError([`Cannot listen on ${host}:${port}: ${why}.`, ...remedy], 3, { cause: error }));
    };
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
