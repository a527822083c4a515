import { Agent, createServer, request as send } from 'node:http';

/** One address for several services: `<url>/<name>/...` leads to wherever that service is by then. */
export interface Switchboard {
  urlOf(name: string): string;
  connect(name: string, url: string): void;
  stop(): Promise<void>;
}

/** Lets services that need each other start one after the other. */
export async function startSwitchboard(): Promise<Switchboard> {
  const lines = new Map<string, string>();
  const agent = new Agent({ keepAlive: true });
  const server = createServer((request, response) => {
    const [, name = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(request.url ?? '') ?? [];
    const target = lines.get(name);
    if (target === undefined) return void response.destroy();
    const { method, headers } = request;
    const passed = send(`${target}${rest}`, { method, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : address;
  return {
    urlOf: (name) => `http://127.0.0.1:${port}/${name}`,
    connect: (name, url) => void lines.set(name, url),
    stop: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
