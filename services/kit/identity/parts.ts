import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { TlsSettings } from '../tls.ts';
import type { Tracer } from '../tracing/index.ts';
import { type Credentials, createUpstream } from '../upstream/index.ts';
import { basicCredentials, serviceCredentials } from './credentials.ts';
import { createGuard, type Guard, openGuard } from './guard.ts';

/** Where the auth service is, and the secret by which it knows the shop's services. */
export interface AuthSettings {
  url: string;
  secret: string;
}

/** What a service needs to know who asks, and to say who it is. */
export interface IdentityParts {
  guard: Guard;
  /** Undefined where no tokens are in use. */
  credentials: Credentials | undefined;
  /** Undefined where no tokens are in use. */
  auth: AuthSettings | undefined;
}

interface IdentityOptions {
  /** The name of this service. */
  service: string;
  /** Undefined: no tokens are in use. */
  auth: AuthSettings | undefined;
  clock: Clock;
  random: Random;
  trust?: TlsSettings['trust'];
  /** Takes note of the questions to auth. */
  tracer?: Tracer | undefined;
}

/** Both share one connection pool, which `guard.close` ends. */
export function createIdentity(options: IdentityOptions): IdentityParts {
  const { service, auth, clock, random, trust, tracer } = options;
  if (auth === undefined) return { guard: openGuard, credentials: undefined, auth };
  const upstream = createUpstream({
    name: 'auth',
    baseUrl: auth.url,
    clock,
    random,
    trust,
    tracer,
    credentials: basicCredentials(service, auth.secret),
    timeoutMs: 2_000,
    attempts: 2,
    maxBodyBytes: 64_000,
  });
  return { guard: createGuard(upstream, clock), credentials: serviceCredentials(upstream, clock), auth };
}
