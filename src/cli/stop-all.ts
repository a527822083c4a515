import { ShopctlError } from '../errors/index.ts';
import type { RunningTopology } from '../topology/index.ts';

/** @throws ShopctlError `stop-incomplete` naming the services that nothing could end */
export async function stopAll(running: RunningTopology): Promise<void> {
  const stopped = await running.stop();
  const survivors = stopped.filter(({ how }) => how === 'survived').map(({ service }) => service);
  if (survivors.length === 0) return;
  throw new ShopctlError('stop-incomplete', {
    message: `not even SIGKILL ended ${survivors.join(', ')}`,
  });
}
