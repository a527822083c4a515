// What every service is made of: process life, Express app, contract checks, store, money, simulation, upstreams.
// It must not know any service: no rule, table or route of the shop lives here.
export {
  type App,
  type Call,
  createApp,
  type Route,
  reached,
  route,
  type Upgrade,
  type UpgradeRoute,
} from './app/index.ts';
export { type Background, startBackground } from './background.ts';
export { bindPort } from './bind.ts';
export {
  type Bus,
  type Consumer,
  createBus,
  type EventType,
  eventTypes,
  type ShopEvent,
  Unprocessable,
} from './bus/index.ts';
export { type Clock, timestamp } from './clock.ts';
export { parseDurationMs } from './duration.ts';
export { serviceSecret } from './env.ts';
export { type EventData, eventAbout, readEvent } from './events/index.ts';
export {
  authUnavailable,
  basicCredentials,
  forbidden,
  type Identity,
  mayActFor,
  type Role,
  requireActFor,
  requireRole,
  tokenMissing,
} from './identity/index.ts';
export { idText } from './ids.ts';
export { createKeyedLock, type KeyedLock } from './keyed-lock.ts';
export type { Logger } from './log.ts';
export { formatMoney, maxMinorUnits, parseMoney, requireMoney, requirePositiveMoney } from './money.ts';
export { countSetting, durationSetting, portSetting, rangeSetting } from './own-settings.ts';
export { pageOf } from './page.ts';
export { invalidRequest, notFound, Problem, type ProblemFacts, unavailable } from './problem.ts';
export type { Random } from './random.ts';
export { runService, type ServiceParts } from './run-service.ts';
export type { Simulator } from './simulation/index.ts';
export {
  type Dialect,
  fingerprint,
  forgetOutcome,
  keyReused,
  type Listed,
  listPage,
  type Migration,
  type Outcome,
  once,
  openStore,
  type Page,
  type RememberedRequest,
  recordOutcome,
  replayed,
  type Store,
  type Transaction,
} from './store/index.ts';
export { type TlsSettings, trustOptions } from './tls.ts';
export type { Tracer } from './tracing/index.ts';
export {
  absentUpstream,
  createUpstream,
  type Upstream,
  type UpstreamAnswer,
  upstreamNonsense,
} from './upstream/index.ts';
