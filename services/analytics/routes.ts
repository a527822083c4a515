import {
  type Call,
  type Clock,
  invalidRequest,
  mayActFor,
  pageOf,
  type Route,
  requireActFor,
  route,
  timestamp,
} from '../kit/index.ts';
import type { EventLog } from './event-log.ts';
import type { Live } from './live.ts';
import { daysBetween, type Numbers } from './numbers.ts';
import type { Projections } from './projections.ts';
import { requireStaff, unknownOrder, upgradeRequired } from './refusals.ts';

interface RoutesParts {
  log: EventLog;
  numbers: Numbers;
  projections: Projections;
  live: Live;
  clock: Clock;
}

/** What the analytics service answers, as `contracts/openapi/analytics.yaml` describes it. */
export function analyticsRoutes({ log, numbers, projections, live, clock }: RoutesParts): Route[] {
  return [
    route('GET', '/metrics/orders', async ({ identity }) => {
      requireStaff(identity);
      return { status: 200, body: { at: timestamp(clock), ...(await numbers.ofOrders()) } };
    }),
    route('GET', '/metrics/orders/{order_id}', async ({ identity, path }) => {
      requireStaff(identity);
      const metric = await projections.find(path('order_id'));
      if (metric === undefined) throw unknownOrder(path('order_id'));
      return { status: 200, body: metric };
    }),
    route('GET', '/revenue', (call) => tellRevenue(numbers, clock, call)),
    route('GET', '/history', (call) => listHistory(log, call)),
    route('GET', '/behavior', (call) => listBehavior(numbers, call)),
    route(
      'POST',
      '/rebuild',
      async () => {
        const body = await projections.rebuild();
        live.changed();
        return { status: 200, body };
      },
      { access: 'admin' },
    ),
    // Whoever asks for an upgrade as well does not come by here.
    route('GET', '/live', async ({ identity }) => {
      requireStaff(identity);
      throw upgradeRequired();
    }),
  ];
}

const mostDays = 366;

/** Thirty days until today, unless told otherwise. */
async function tellRevenue(numbers: Numbers, clock: Clock, { identity, query }: Call<unknown>) {
  requireStaff(identity);
  const to = query('to') ?? timestamp(clock).slice(0, 10);
  const from = query('from') ?? new Date(Date.parse(to) - 29 * 24 * 60 * 60_000).toISOString().slice(0, 10);
  const complain = (message: string) => invalidRequest([{ pointer: 'query/from', message }]);
  if (from > to) throw complain(`must not be after ${to}`);
  if (daysBetween(from, to).length > mostDays)
    throw complain(`must not be more than ${mostDays} days before ${to}`);
  const { days, total } = await numbers.revenue(from, to);
  return { status: 200, body: { interval: 'day', from, to, revenue: days, total } };
}

async function listHistory(log: EventLog, call: Call<unknown>) {
  requireStaff(call.identity);
  const page = pageOf(call);
  const where = Object.fromEntries(
    ['order_id', 'user_id', 'type'].flatMap((name) => {
      const value = call.query(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const { rows, total } = await log.list(page, where);
  return { status: 200, body: { events: rows, total, ...page } };
}

/** Who may not see everybody's behaviour sees their own. */
async function listBehavior(numbers: Numbers, call: Call<unknown>) {
  const { identity, query } = call;
  const page = pageOf(call);
  const isOwnOnly = identity.id !== undefined && !mayActFor(identity, '');
  const userId = query('user_id') ?? (isOwnOnly ? identity.id : undefined);
  if (userId !== undefined) requireActFor(identity, userId);
  const { rows, total } = await numbers.behavior(page, userId);
  return { status: 200, body: { behavior: rows, total, ...page } };
}
