// The Express side of a service: routes bound to their OpenAPI operations, observation, problems, health.
// It must not know any service's rules or tables.
export { type App, createApp } from './create-app.ts';
export { reached } from './observe.ts';
export { type Call, type Route, route } from './route.ts';
export type { Upgrade, UpgradeRoute } from './upgrade.ts';
