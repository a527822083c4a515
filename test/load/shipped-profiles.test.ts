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

function shipped(name: string, topology: string) {
  const project = loadProject({ file: 'e2e.config.yaml', topology, env: {}, cwd: root });
  const profile = project.load.get(name);
  if (profile === undefined) throw new Error(`there is no profile ${name}`);
  return { project, profile };
}

describe('the load profiles of the bundled shop', () => {
  test.each(profiles)('%s can be sent on the topology %s', async (name, topology) => {
    const { targets } = await prepareLoad({ ...shipped(name, topology), env: {} });
    expect(targets.length).toBeGreaterThan(0);
  });

  test.each(profiles)(
    '%s sends for a bounded number of visitors, not for a new one each time',
    (name, topology) => {
      for (const { url, headers } of shipped(name, topology).profile.requests) {
        const key = headers['x-load-key'];
        if (url.startsWith('${gateway}')) expect(key).toMatch(/^visitor-\$\{fake\.int\(1, \d+\)\}$/);
        else expect(key).toBeUndefined();
      }
    },
  );

  test('shopstack reads the catalogue with 70 of every 100 requests and writes to a cart with 30', () => {
    const { requests } = shipped('shopstack', 'shopstack').profile;
    expect(requests.map(({ name }) => name)).toEqual(['catalogue', 'add to cart']);
    const choose = weightedChoice(
      requests.map(({ weight }) => weight),
      seededRandom(1),
    );
    const drawn = Array.from({ length: 100 }, () => choose());
    expect(drawn.filter((index) => index === 0)).toHaveLength(70);
  });
});
