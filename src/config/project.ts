import type { DatabaseAddress } from '../database/index.ts';
import type { Problem } from '../errors/index.ts';
import type { TrustedAuthority } from '../http/index.ts';
import type { SourceDocument } from '../source/index.ts';
import type { AllProbes, Probe } from './probe-spec.ts';

/** When a service counts as ready: the probe that must answer, how often it is asked, and for how long. */
export interface Readiness {
  readonly probe:
    | Probe
    | AllProbes
    /** No port and no probe: running is ready. */
    | { readonly kind: 'running' }
    /** A job: done when it has ended with exit code 0. */
    | { readonly kind: 'exit' };
  readonly timeoutMs: number;
  readonly everyMs: number;
  /** For one answer; what is usual for the probe when absent. */
  readonly tryMs?: number;
  /** It says on the pipe in READY_FD that it is ready, and is not asked before. */
  readonly notify?: true;
}

/** How a service that is ready is watched from then on: a service that fails several times in a row is unhealthy. */
export interface Liveness {
  readonly probe: Probe | AllProbes;
  readonly everyMs: number;
  /** For one answer. */
  readonly timeoutMs: number;
  /** So many in a row. */
  readonly failures: number;
  /** Failures do not count for so long after it became ready. */
  readonly startPeriodMs?: number;
}

interface ServiceCommon {
  readonly name: string;
  /** Names of services that must be ready (jobs: done) before this one starts. */
  readonly needs: readonly string[];
  /** Of its needs those of which it is enough that they have been started. */
  readonly needsStarted?: readonly string[];
  readonly ready: Readiness;
  /** Absent: only its end is noticed. */
  readonly live?: Liveness;
  /** Its own database, to look into. */
  readonly database?: DatabaseAddress;
  /** OpenAPI document, absolute path. */
  readonly contract?: string;
  /** Path below its base URL at which it takes faults by hand (docs/faults.md). */
  readonly simulate?: string;
  /** It speaks HTTPS, and this authority (PEM) signs its certificate: for this service no other counts. */
  readonly tls?: { readonly ca: string };
  /** False: its failure is reported but does not fail `up`. */
  readonly required: boolean;
}

export interface Restart {
  /** `on-failure`: not after exit code 0. */
  readonly policy: 'on-failure' | 'always';
  /** Before the first attempt; doubles with each that comes soon after. */
  readonly backoffMs: number;
  /** No wait is longer. */
  readonly limitMs: number;
}

/** How much of what a service writes is kept on disk. */
export interface LogLimits {
  /** The size at which a log file is put aside. */
  readonly maxBytes: number;
  /** So many files that were put aside are kept. */
  readonly keep: number;
}

/** Files on whose change a service is built and restarted. */
export interface WatchSpec {
  /** Files, folders and patterns, absolute. */
  readonly paths: readonly string[];
  /** Names of files and folders, and patterns, that are left out. */
  readonly ignore: readonly string[];
  /** Program and arguments, run where the service runs; never handed to a shell. */
  readonly build?: readonly [string, ...string[]];
  /** How long nothing may change any more before anything is done. */
  readonly debounceMs: number;
  /** Paths that are not there. They matter to whoever watches, and must not keep `down` from its work. */
  readonly missing: readonly Problem[];
}

/** A service that we start and stop. */
export interface OwnService extends ServiceCommon {
  readonly kind: 'own';
  /** Program and arguments; never handed to a shell. */
  readonly command: readonly [string, ...string[]];
  /** Absolute path. */
  readonly cwd: string;
  /** Exported as PORT; absent for a process that listens nowhere. */
  readonly port?: number;
  /** The port is any that was free: the configuration names none, or was told not to count. */
  readonly freePort?: true;
  /** One of several processes of the service with this name. */
  readonly replicaOf?: string;
  /** What it speaks there; HTTP when absent. */
  readonly protocol?: 'amqp';
  /** Interpolated, without the inherited environment. */
  readonly env: Readonly<Record<string, string>>;
  /** SIGTERM first, then this long until SIGKILL. */
  readonly stopGraceMs: number;
  /** Whether it is started again when it ends after it was ready; absent: never. */
  readonly restart?: Restart;
  /** Absent: what the log files do by themselves. */
  readonly logs?: LogLimits;
  readonly watch?: WatchSpec;
  /** Started before what it needs is ready, and told on a pipe when it may serve. */
  readonly eager?: true;
}

/** The process of a service of ours that somebody else has started; never stopped either. */
export interface AdoptedProcess {
  readonly pid: number;
  /** Tells it from a later process with the same pid. */
  readonly startTime: string;
  readonly port: number;
  /** As the configuration has it, for what is started on its behalf; its own may differ. */
  readonly env: Readonly<Record<string, string>>;
}

/** A service that runs elsewhere: probed, never started, never stopped. */
export interface ForeignService extends ServiceCommon {
  readonly kind: 'foreign';
  readonly url: string;
  /** It is in the configuration as one that we start, but ran already. */
  readonly adopted?: AdoptedProcess;
}

export type ServiceSpec = OwnService | ForeignService;

export interface LoadRequest {
  readonly name: string;
  readonly weight: number;
  readonly method: string;
  /** Templates in the suite language's `${}`; the scope holds service base URLs, `env` and the functions. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON template, or text. */
  readonly json?: unknown;
  readonly body?: string;
  /** Statuses that count as success; empty: every 2xx and 3xx. */
  readonly expectStatus: readonly number[];
}

interface LoadCommon {
  readonly name: string;
  readonly durationMs: number;
  /** Sent before and not counted. */
  readonly warmupMs: number;
  /** Such as `p99 < 500ms`, with the index as path step below `load.<name>.thresholds`. */
  readonly thresholds: readonly string[];
}

/** Closed model of single requests: every connection sends its next one as soon as the answer is in. */
export interface SaturateProfile extends LoadCommon {
  readonly executor: 'saturate';
  /** In all, shared out over the processes. */
  readonly connections: number;
  readonly processes: number;
  /** Per request; a request that takes longer counts as an error. */
  readonly timeoutMs: number;
  readonly requests: readonly LoadRequest[];
}

/** Closed model of journeys: every user goes through the steps again as soon as the last journey has ended. */
export interface UsersProfile extends LoadCommon {
  readonly executor: 'users';
  readonly users: number;
  /** Think time between two steps of a journey. */
  readonly pauseMs: number;
  /** No more journeys than these begin in the measured window. */
  readonly iterations?: number;
  /** Steps of the suite language, as written: the load engine has them read. */
  readonly journey: readonly LoadStep[];
  /** Steps that end every journey, whatever came of it. */
  readonly always: readonly LoadStep[];
}

export type LoadStep = Readonly<Record<string, unknown>>;

export type LoadProfile = SaturateProfile | UsersProfile;

/** The broker that the configuration names, for whoever looks into it. */
export interface ProjectBroker {
  /** With credentials, as services are given it; undefined in a topology without broker. */
  readonly url?: string;
  /** Whom an embedded broker lets in, whichever topology it runs in. */
  readonly credentials?: { readonly user: string; readonly password: string };
  /** RabbitMQ's management API, where it is not on its usual port. */
  readonly managementUrl?: string;
}

/** Everything a run needs to know, resolved for one topology. */
export interface Project {
  readonly name: string;
  /** Chosen with `--project`; absent: the project without a name of its own. */
  readonly project?: string;
  /** Folder of the configuration file, absolute; relative paths in it start here. */
  readonly root: string;
  /** `<root>/.shopctl`, or of a named project a folder in it: state, logs, data, reports. */
  readonly stateDir: string;
  /** `${project.data}`, one folder a topology: kept from `up` to `up`, or a folder of its own for a test run. */
  readonly dataDir: string;
  /** True: `dataDir` belongs to this run, and is to be emptied before services start. */
  readonly hasFreshData: boolean;
  readonly topology: string;
  /** The topology's services in an order in which needs come first. */
  readonly services: readonly ServiceSpec[];
  /** Suite files by glob, relative to `root`. */
  readonly suites: { readonly e2e: readonly string[] };
  readonly load: ReadonlyMap<string, LoadProfile>;
  /** Absent when the configuration has none. */
  readonly broker?: ProjectBroker;
  /** The configuration file with its places, for errors found later. */
  readonly source: SourceDocument;
}

/** Base URL under which a service is reached from this machine; undefined for a process that listens nowhere. */
export function baseUrl(service: ServiceSpec): string | undefined {
  if (service.kind === 'foreign') return service.url.replace(/\/$/, '');
  const { port, protocol = service.tls === undefined ? 'http' : 'https' } = service;
  return port === undefined ? undefined : `${protocol}://127.0.0.1:${port}`;
}

/** The services that speak HTTPS with certificates of an authority of their own, for whoever sends them requests. */
export function trustedServices(services: readonly ServiceSpec[]): TrustedAuthority[] {
  return services.flatMap((service) => {
    const url = baseUrl(service);
    return service.tls === undefined || url === undefined ? [] : [{ url, ca: service.tls.ca }];
  });
}
