import { once } from 'node:events';
import { request as httpRequest, IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { json } from 'node:stream/consumers';
import { connect, createSecureContext } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { App } from '../../../services/kit/app/index.ts';
import { systemClock } from '../../../services/kit/clock.ts';
import { listen } from '../../../services/kit/listen.ts';
import { createLogger } from '../../../services/kit/log.ts';
import { createUpstream } from '../../../services/kit/upstream/index.ts';
import { createProductsApp } from '../../../services/products/app.ts';
import { deferred } from '../../../src/lib/deferred.ts';
import { type Certified, createAuthority, type TestAuthority } from '../../certificates.ts';
import { startGateway } from '../gateway/start-gateway.ts';
import { startService } from '../start-service.ts';

let authority: TestAuthority;
let certificate: Certified;
beforeAll(async () => {
  authority = await createAuthority('the shop');
  certificate = await authority.certify();
});

const trust = () => createSecureContext({ ca: authority.ca });

async function startProducts() {
  const service = await startService('products', createProductsApp, { certificate });
  onTestFinished(service.stop);
  return service;
}

async function get(url: string, agent: Agent): Promise<{ status: number | undefined; body: unknown }> {
  const asked = request(url, { agent }).end();
  const [response] = await once(asked, 'response');
  return { status: response.statusCode, body: await json(response) };
}

const agentOf = (keepAlive: boolean) => {
  const agent = new Agent({ ca: authority.ca, keepAlive });
  onTestFinished(() => agent.destroy());
  return agent;
};

async function listenWith(handler: RequestListener) {
  const log = createLogger('held', 'fatal', { write: () => undefined });
  const app: App = {
    ...{
      name: 'held',
      handler,
      classes: { IncomingMessage, ServerResponse },
      upgrade: undefined,
      endpoints: [],
    },
    beginStop: () => undefined,
    close: async () => undefined,
  };
  const listening = await listen({ app, host: '127.0.0.1', port: 0, log, certificate });
  return { listening, address: { host: '127.0.0.1', port: listening.port } };
}

const upstreamAt = (baseUrl: string, whom?: ReturnType<typeof trust>) => {
  const upstream = createUpstream({
    ...{ name: 'products', baseUrl, clock: systemClock, random: () => 0, attempts: 1 },
    trust: whom,
  });
  onTestFinished(upstream.close);
  return upstream;
};

describe('a service with a certificate', () => {
  it('answers over HTTPS, and says so when it starts', async () => {
    const service = await startProducts();
    expect(service.url).toMatch(/^https:/);
    expect(service.logged).toContainEqual(
      expect.objectContaining({ msg: `products listens on ${service.url}` }),
    );
    expect(await get(`${service.url}/products/1`, agentOf(false))).toMatchObject({ status: 200 });
  });

  it('has nothing to say over HTTP', async () => {
    const service = await startProducts();
    const asked = httpRequest(service.url.replace('https:', 'http:')).end();
    await expect(once(asked, 'response')).rejects.toThrow(/socket hang up|ECONNRESET/);
  });

  it('refuses TLS 1.1, and speaks 1.2', async () => {
    const { port } = new URL((await startProducts()).url);
    const connectWith = async (version: 'TLSv1.1' | 'TLSv1.2') => {
      const versions = { minVersion: version, maxVersion: version };
      // Today's OpenSSL would not even ask for 1.1 at its usual level.
      const socket = connect({
        ...{ host: '127.0.0.1', port: Number(port), ca: authority.ca, ...versions },
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      await once(socket, 'secureConnect').finally(() => socket.destroy());
    };
    await connectWith('TLSv1.2');
    await expect(connectWith('TLSv1.1')).rejects.toThrow(/alert protocol version/);
  });

  it('stops at once although connections are idle, kept alive, or have not come to their handshake', async () => {
    const { listening, address } = await listenWith((_request, response) => void response.end('{}'));
    const silent = connectPlain(address);
    const shaken = connect({ ...address, ca: authority.ca });
    await Promise.all([once(silent, 'connect'), once(shaken, 'secureConnect')]);
    expect(await get(`https://127.0.0.1:${address.port}/`, agentOf(true))).toMatchObject({ status: 200 });
    const closed = Promise.all([once(silent, 'close'), once(shaken, 'close')]);
    // That they are cut off is what is wanted here.
    for (const socket of [silent, shaken]) socket.on('error', () => undefined);
    expect(await listening.stop(60_000)).toBe(true);
    await closed;
  });

  it('finishes the request that runs before it ends', async () => {
    const { promise: answered, resolve: hold } = deferred<ServerResponse>();
    const { listening, address } = await listenWith((_request, response) => hold(response));
    const asked = get(`https://127.0.0.1:${address.port}/`, agentOf(true));
    const held = await answered;
    const stopped = listening.stop(60_000);
    held.end('{"late": true}');
    expect(await asked).toEqual({ status: 200, body: { late: true } });
    expect(await stopped).toBe(true);
  });
});

describe('whoever asks a service at an https address', () => {
  it('gets an answer where the certificate is by somebody trusted', async () => {
    const { url } = await startProducts();
    expect(await upstreamAt(url, trust()).call({ method: 'GET', path: '/healthz' })).toMatchObject({
      status: 200,
    });
    expect(await upstreamAt(url, trust()).isAvailable()).toBe(true);
  });

  it('sends nothing where it is not', async () => {
    const service = await startProducts();
    const stranger = createSecureContext({ ca: (await createAuthority('a stranger')).ca });
    for (const upstream of [upstreamAt(service.url), upstreamAt(service.url, stranger)]) {
      await expect(upstream.call({ method: 'GET', path: '/products/1' })).rejects.toMatchObject({
        facts: { status: 503, kind: 'upstream-unavailable' },
        cause: { code: expect.stringMatching(/CERT|SIGNATURE/) },
      });
      expect(await upstream.isAvailable()).toBe(false);
    }
    expect(service.logText()).not.toContain('request answered');
  });

  it('may be the gateway, which passes requests on and says in its log why it cannot', async () => {
    const { url } = await startProducts();
    const services = { products: url };
    const trusting = await startGateway({ services }, { trust: trust(), certificate });
    const answer = await get(`${trusting.url}/products/1`, agentOf(false));
    expect(answer).toMatchObject({ status: 200, body: { id: '1' } });
    const distrusting = await startGateway({ services }, { certificate });
    expect(await get(`${distrusting.url}/products/1`, agentOf(false))).toMatchObject({
      status: 503,
      body: { type: 'urn:shop:problem:upstream-unavailable' },
    });
    expect(distrusting.logText()).toMatch(/unable to verify the first certificate|self-signed certificate/);
  });
});
