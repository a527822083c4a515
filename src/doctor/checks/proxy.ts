import type { Check, Diagnosis, Scene } from '../diagnosis.ts';

const PROXIES = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];
const LOOPBACKS = ['localhost', '127.0.0.1', '::1'];

export const proxy: Check = { name: 'proxies', look: async ({ env }) => [judgeProxy(env)] };

/** shopctl itself asks no proxy; services and tools that it starts may. */
export function judgeProxy(env: Scene['env']): Diagnosis {
  const set = PROXIES.filter((name) => (env[name] ?? '') !== '');
  if (set.length === 0) return { level: 'ok', message: 'no proxy is set' };
  const exceptions = (env['NO_PROXY'] || env['no_proxy'] || '').split(/[\s,]+/);
  const missing = exceptions.includes('*') ? [] : LOOPBACKS.filter((host) => !exceptions.includes(host));
  const names = set.join(' and ');
  // Who names one of them has thought of it; programs differ in how they write ::1.
  if (missing.length < LOOPBACKS.length && !missing.includes('127.0.0.1')) {
    return { level: 'ok', message: `${names} is set, with exceptions for this machine` };
  }
  return {
    level: 'warning',
    message: `${names} is set and NO_PROXY does not except ${missing.join(', ')}: services may send what is meant for each other to the proxy`,
    remedy: `export NO_PROXY=${[...exceptions.filter((one) => one !== ''), ...missing].join(',')}`,
  };
}
