import type { Probe } from '../../config/probe-spec.ts';
import { baseUrl } from '../../config/project.ts';
import { type ProbeKind, TRY_LIMIT_MS } from './kind.ts';
import { atItsAddress, bounded, touch } from './network.ts';

/** The port accepts a connection. */
export const tcp: ProbeKind<Probe<'tcp'>> = {
  look: (_probe, look) =>
    atItsAddress(look.spec, (endpoint) => bounded(look, (limit) => touch(endpoint, limit))),
  subject: (_probe, spec) => baseUrl(spec) ?? spec.name,
  remedy: () => undefined,
  usualLimitMs: TRY_LIMIT_MS,
  knocks: () => true,
};
