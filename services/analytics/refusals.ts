import { type Identity, notFound, Problem, requireRole, unavailable } from '../kit/index.ts';

/** How the shop does is no customer's business. Throws 403. */
export function requireStaff(identity: Identity): void {
  requireRole(identity, 'support', 'admin', 'service');
}

export function unknownOrder(id: string): Problem {
  return notFound('order', id);
}

export function noRoom(clients: number): Problem {
  return unavailable('live-full', `There are ${clients} live connections already.`);
}

export function upgradeRequired(): Problem {
  return new Problem({
    status: 426,
    kind: 'upgrade-required',
    title: 'This is a WebSocket',
    detail: 'Open /live as a WebSocket; GET /metrics/orders answers the same once.',
    headers: { upgrade: 'websocket' },
  });
}
