import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadProject } from '../../src/config/index.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { prepareLoad } from '../../src/load/index.ts';
import { weightedChoice } from '../../src/load/weighted-choice.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const profiles = [
  ['browse', 'default'],
  ['product', 'default'],
  ['gateway-product', 'default'],
  ['shopstack', 'shopstack'],
  ['balances', 'balances'],
] as const;
const journeys = [['checkout', 'default']] as const;

function shipped(name: string, topology: string) {
  const project = loadProject({ file: 'e2e.config.yaml', topology, env: {}, cwd: root });
  const profile = project.load.get(name);
  if (profile === undefined) throw new Error(`there is no profile ${name}`);
  return { project, profile };
}

function requestsOf(name: string, topology: string) {
  const { profile } = shipped(name, topology);
  if (profile.executor !== 'saturate') throw new Error(`${name} has a journey`);
  return profile.requests;
}

describe('the load profiles of the bundled shop', () => {
  test.each([...profiles, ...journeys])('%s can be sent on the topology %s', async (name, topology) => {
    const { targets } = await prepareLoad({ ...shipped(name, topology), env: {}, cwd: root });
    expect(targets.length).toBeGreaterThan(0);
  });

  test.each(profiles)(
    '%s sends for a bounded number of visitors, not for a new one each time',
    (name, topology) => {
      for (const { url, headers } of requestsOf(name, topology)) {
        const key = headers['x-load-key'];
        if (url.startsWith('${gateway}')) expect(key).toMatch(/^visitor-\$\{fake\.int\(1, \d+\)\}$/);
        else expect(key).toBeUndefined();
      }
    },
  );

  test('shopstack reads the catalogue with 70 of every 100 requests and writes to a cart with 30', () => {
    const requests = requestsOf('shopstack', 'shopstack');
    expect(requests.map(({ name }) => name)).toEqual(['catalogue', 'add to cart']);
    const choose = weightedChoice(
      requests.map(({ weight }) => weight),
      seededRandom(1),
    );
    const drawn = Array.from({ length: 100 }, () => choose());
    expect(drawn.filter((index) => index === 0)).toHaveLength(70);
  });
});
