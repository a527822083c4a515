import type {
  ControlClient,
  RunningTopology,
  ServiceOperation,
  ServiceStatus,
  Statuses,
} from '../../topology/index.ts';

/** What the live view asks of a run, whether this process started it or another one did. */
export interface LiveRun {
  /** As they are at this moment. */
  services(): Promise<readonly ServiceStatus[]>;
  /** @throws ShopctlError why it cannot be done */
  perform(operation: ServiceOperation, service: string): Promise<void>;
}

export function ownRun(running: RunningTopology): LiveRun {
  return {
    services: async () => running.services(),
    perform: async (operation, service) => {
      if (operation === 'restart') await running.restart([service]);
      else if (operation === 'stop') await running.stopServices([service]);
      else await running.startServices([service]);
    },
  };
}

/** Only of the services that are shown. */
export function joinedRun(client: ControlClient, names: readonly string[]): LiveRun {
  return {
    services: async () => {
      const { services }: Statuses = await client.ask({ request: 'statuses' });
      return services.filter(({ name }) => names.includes(name));
    },
    perform: async (operation, service) => {
      await client.ask({ request: operation, services: [service], withDependants: false });
    },
  };
}
