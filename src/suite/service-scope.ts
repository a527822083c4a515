/** Where all base URLs are found by the name of their service: `${services[case.service]}`. */
const ALL = 'services';

/** A service as expressions know it: `order-service` is `order_service`. */
export const variableName = (service: string): string => service.replace(/\W/g, '_');

/** The names that services bring into scope. */
export const serviceNames = (services: readonly string[]): string[] => [...services.map(variableName), ALL];

/** The values of those names, from base URLs by service name. */
export const serviceScope = (services: Readonly<Record<string, string>>): Record<string, unknown> => ({
  ...Object.fromEntries(Object.entries(services).map(([name, url]) => [variableName(name), url])),
  [ALL]: services,
});
