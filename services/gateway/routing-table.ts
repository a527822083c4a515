/** Every service that can stand behind the gateway. */
export const serviceNames = [
  'auth',
  'users',
  'products',
  'cart',
  'orders',
  'payments',
  'inventory',
  'notifications',
  'analytics',
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** One line of the routing table. */
export interface RouteEntry {
  /** Covers the path itself and everything below it; `{…}` stands for any one segment. */
  path: string;
  service: ServiceName;
  /** What the service knows the path as, where that differs. */
  upstreamPath?: string;
  /** Whether a token is needed. `reading`: everybody may GET. `nobody`: the service itself decides. */
  token: 'always' | 'unless-reading' | 'never';
  /** Methods that pass; all of them when it is not given. */
  methods?: readonly string[];
}

const reading = ['GET', 'HEAD'];

/**
 * Where requests go. The longest path that covers a request wins, whatever the order here. Of auth only what clients
 * need is listed: what services ask of each other (`/internal/…`) and faults (`/_simulate`) stay behind the gateway.
 */
export const routingTable: readonly RouteEntry[] = [
  { path: '/api/auth/login', service: 'users', upstreamPath: '/login', token: 'never' },
  { path: '/api/auth/register', service: 'users', upstreamPath: '/register', token: 'never' },
  { path: '/api/auth/validate', service: 'auth', upstreamPath: '/validate', token: 'never' },
  { path: '/api/auth/refresh', service: 'auth', upstreamPath: '/refresh', token: 'never' },
  { path: '/api/auth/logout', service: 'auth', upstreamPath: '/logout', token: 'never' },
  { path: '/api/auth/.well-known', service: 'auth', upstreamPath: '/.well-known', token: 'never' },
  { path: '/login', service: 'users', token: 'never' },
  { path: '/register', service: 'users', token: 'never' },
  { path: '/profile', service: 'users', token: 'always' },
  { path: '/sessions', service: 'users', token: 'always' },
  { path: '/api/users', service: 'users', token: 'always' },
  { path: '/api/users/{id}/orders', service: 'orders', token: 'always' },
  { path: '/api/users/{id}/payments', service: 'payments', token: 'always' },
  { path: '/catalog', service: 'products', token: 'unless-reading' },
  { path: '/products', service: 'products', token: 'unless-reading' },
  { path: '/search', service: 'products', token: 'unless-reading' },
  { path: '/recommendations', service: 'products', token: 'unless-reading' },
  { path: '/inventory', service: 'inventory', token: 'unless-reading', methods: reading },
  { path: '/cart', service: 'cart', token: 'always' },
  { path: '/api/checkout', service: 'orders', upstreamPath: '/checkout', token: 'always' },
  { path: '/api/orders', service: 'orders', token: 'always' },
  { path: '/orders', service: 'orders', token: 'always' },
  { path: '/api/payments', service: 'payments', token: 'always' },
  { path: '/api/refund', service: 'payments', token: 'always' },
  { path: '/payment', service: 'payments', token: 'always' },
  { path: '/api/notifications', service: 'notifications', upstreamPath: '/notifications', token: 'always' },
  {
    path: '/api/notifications/templates',
    service: 'notifications',
    upstreamPath: '/templates',
    token: 'always',
  },
  // One by one: the service has its own metrics and faults beside them.
  {
    path: '/api/analytics/metrics/orders',
    service: 'analytics',
    upstreamPath: '/metrics/orders',
    token: 'always',
  },
  { path: '/api/analytics/revenue', service: 'analytics', upstreamPath: '/revenue', token: 'always' },
  { path: '/api/analytics/history', service: 'analytics', upstreamPath: '/history', token: 'always' },
  { path: '/api/analytics/behavior', service: 'analytics', upstreamPath: '/behavior', token: 'always' },
];
