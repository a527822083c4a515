import type { LoadStep } from './project.ts';
import type { HttpMethod } from './schema/load.ts';

type Scalar = string | number | boolean;

type RawStatus = number | string;

/** What can be asked of a service, as it is written. */
export interface RawProbes {
  readonly http?:
    | string
    | {
        readonly path: string;
        readonly status?: RawStatus | readonly RawStatus[];
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: string;
      };
  readonly tcp?: true;
  readonly log?: string;
  readonly command?: string | readonly string[];
  readonly amqp?: true | string;
  readonly sql?: string;
}

export interface RawReady extends RawProbes {
  readonly notify?: true;
  readonly timeout?: string;
  readonly every?: string;
  readonly try?: string;
}

export type RestartPolicy = 'no' | 'on-failure' | 'always';
export type NeedCondition = 'ready' | 'started' | 'completed';
export type RawNeed = string | Readonly<Record<string, NeedCondition>>;

export interface RawLive extends Omit<RawProbes, 'log'> {
  readonly 'start-period'?: string;
  readonly every?: string;
  readonly timeout?: string;
  readonly failures?: number;
}

export interface RawDatabase {
  readonly file?: string;
  readonly url?: string;
  readonly name?: string;
  readonly suffix?: string;
  readonly schema?: string;
}

export type RawWatch =
  | string
  | readonly string[]
  | {
      readonly paths: string | readonly string[];
      readonly ignore?: readonly string[];
      readonly build?: string | readonly string[];
      readonly debounce?: string;
    };
export interface RawReplicas {
  readonly count: number;
  readonly by?: 'request' | 'connection';
}

export interface RawService {
  readonly database?: false | string | RawDatabase;
  readonly command?: string | readonly string[];
  readonly url?: string;
  readonly cwd?: string;
  readonly port?: number;
  readonly replicas?: number | RawReplicas;
  readonly needs?: readonly RawNeed[];
  readonly eager?: boolean;
  readonly job?: boolean;
  readonly env?: Readonly<Record<string, Scalar>>;
  readonly ready?: RawReady;
  readonly live?: false | RawLive;
  readonly contract?: string;
  readonly simulate?: string;
  readonly tls?: { readonly ca: string };
  readonly required?: boolean;
  readonly watch?: RawWatch;
  readonly stop?: { readonly grace?: string };
  readonly restart?:
    | RestartPolicy
    | { readonly policy: RestartPolicy; readonly backoff?: string; readonly limit?: string };
}

export interface RawBroker {
  readonly embedded?: {
    readonly port?: number;
    readonly memory?: boolean;
    readonly management?: number;
    readonly user?: string;
    readonly password?: string;
    readonly faults?: Readonly<Record<string, number | string | boolean>>;
  };
  readonly management?: string;
  readonly url?: string;
}

export interface RawLogs {
  readonly max?: string;
  readonly keep?: number;
}

export interface RawSuites {
  readonly e2e?: string | readonly string[];
}

export interface RawTopology {
  readonly services?: readonly string[];
  readonly override?: Readonly<Record<string, RawService>>;
  readonly suites?: RawSuites;
}

export type RawLoadRequest = {
  readonly name?: string;
  readonly weight?: number;
  readonly headers?: Readonly<Record<string, Scalar>>;
  readonly json?: unknown;
  readonly body?: string;
  readonly expect?: { readonly status?: number | readonly number[] };
} & { readonly [method in HttpMethod]?: string };

export interface RawLoadProfile {
  readonly executor?: 'saturate' | 'users';
  readonly duration?: string;
  readonly warmup?: string;
  readonly timeout?: string;
  readonly connections?: number;
  readonly processes?: number;
  readonly requests?: readonly RawLoadRequest[];
  readonly users?: number;
  readonly journey?: readonly LoadStep[];
  readonly always?: readonly LoadStep[];
  readonly pause?: string;
  readonly iterations?: number;
  readonly thresholds?: readonly string[];
}

/** The configuration file as it is written, checked against {@link configSchema}. */
export interface RawConfig {
  readonly name?: string;
  readonly broker?: RawBroker;
  readonly services: Readonly<Record<string, RawService>>;
  readonly topology?: string;
  readonly topologies?: Readonly<Record<string, RawTopology>>;
  readonly suites?: RawSuites;
  readonly load?: Readonly<Record<string, RawLoadProfile>>;
  readonly logs?: RawLogs;
}
