/** Entry of the process that stands before the replicas of a service, at the service's own port. */
import { once } from 'node:events';
import { startRotation } from './edge/rotation.ts';
import { serveConnections, serveRequests } from './edge/serve.ts';
import { readSettings } from './edge/settings.ts';

void run();

async function run(): Promise<void> {
  const { settings, port } = readSettings(process.env);
  const log = (line: string) => process.stdout.write(`${line}\n`);
  const rotation = startRotation(settings, log);
  await rotation.asked;
  const around = { service: settings.service, rotation };
  const edge = settings.by === 'request' ? serveRequests(around) : serveConnections(around);
  edge.server.on('error', (error) => {
    process.stderr.write(`cannot listen on port ${port}: ${error.message}\n`);
    process.exit(1);
  });
  edge.server.listen(port, '127.0.0.1', () => log(`listening on ${port}`));
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  await edge.drain();
  rotation.close();
}
