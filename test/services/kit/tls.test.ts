import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../services/kit/env.ts';
import { readTlsSettings } from '../../../services/kit/tls.ts';
import { type Certified, createAuthority, type TestAuthority } from '../../certificates.ts';

let folder: string;
let authority: TestAuthority;
let good: Certified;
let other: Certified;
const now = Date.now();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-tls-'));
  authority = await createAuthority('tests');
  good = await authority.certify();
  other = await authority.certify();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const certFile = () => fileOf('cert.pem', good.cert);
const keyFile = () => fileOf('key.pem', good.key);

describe('TLS_CERT and TLS_KEY', () => {
  it('make a certificate with its key, and without them there is none', () => {
    const { settings, complaints } = readTlsSettings({ TLS_CERT: certFile(), TLS_KEY: keyFile() }, now);
    expect(complaints).toEqual([]);
    expect(settings).toEqual({ certificate: { cert: good.cert, key: good.key }, trust: undefined });
    const nothing = { settings: { certificate: undefined, trust: undefined }, complaints: [] };
    expect(readTlsSettings({}, now)).toEqual(nothing);
    expect(readTlsSettings({ TLS_CERT: '', TLS_KEY: '', TLS_CA: '' }, now)).toEqual(nothing);
  });

  it('belong together: one without the other is refused', () => {
    expect(readTlsSettings({ TLS_CERT: certFile() }, now).complaints).toEqual([
      'TLS_KEY is not set, but TLS_CERT is: set both for HTTPS, or none for HTTP.',
    ]);
    expect(readTlsSettings({ TLS_KEY: keyFile() }, now).complaints).toEqual([
      'TLS_CERT is not set, but TLS_KEY is: set both for HTTPS, or none for HTTP.',
    ]);
  });

  it('name files that are there, are files, and are not huge', () => {
    const missing = join(folder, 'missing.pem');
    const inner = join(folder, 'folder');
    mkdirSync(inner);
    const huge = fileOf('huge.pem', 'x'.repeat(1_000_001));
    for (const [path, why] of [
      [missing, 'ENOENT'],
      [inner, 'it is no file'],
      [huge, 'it is larger than 1 MB'],
    ] as const) {
      expect(readTlsSettings({ TLS_CERT: path, TLS_KEY: keyFile() }, now).complaints).toEqual([
        `TLS_CERT names a file that cannot be read (${why}): name a PEM file that the service may read.`,
      ]);
      expect(readTlsSettings({ TLS_CERT: certFile(), TLS_KEY: path }, now).complaints).toEqual([
        `TLS_KEY names a file that cannot be read (${why}): name a PEM file that the service may read.`,
      ]);
    }
  });

  it('hold a certificate and a key without a passphrase', () => {
    const TLS_CERT = certFile();
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hush' },
    });
    for (const text of ['', 'no pem', good.cert, privateKey]) {
      const { complaints } = readTlsSettings({ TLS_CERT, TLS_KEY: fileOf('bad-key.pem', text) }, now);
      expect(complaints).toEqual([expect.stringMatching(/^TLS_KEY names a file that holds no private key/)]);
    }
    const swapped = readTlsSettings({ TLS_CERT: keyFile(), TLS_KEY: keyFile() }, now);
    expect(swapped.complaints).toEqual([expect.stringMatching(/^TLS_CERT names a file that holds no cert/)]);
  });

  it('were made for each other', () => {
    const TLS_KEY = fileOf('other.pem', other.key);
    const { settings, complaints } = readTlsSettings({ TLS_CERT: certFile(), TLS_KEY }, now);
    expect(settings.certificate).toBeUndefined();
    expect(complaints).toEqual([
      expect.stringMatching(/^TLS_KEY does not belong to the certificate in TLS_CERT: name the key/),
    ]);
  });

  it('are valid now', async () => {
    const times = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-02-01T00:00:00Z') };
    const { cert, key } = await authority.certify(times);
    const variables = { TLS_CERT: fileOf('short.pem', cert), TLS_KEY: fileOf('short-key.pem', key) };
    const at = (time: string) => readTlsSettings(variables, Date.parse(time)).complaints;
    expect(at('2025-12-31T23:59:59Z')).toEqual([
      'TLS_CERT names a certificate that is not valid before 2026-01-01T00:00:00.000Z: name one that is valid now.',
    ]);
    expect(at('2026-01-15T00:00:00Z')).toEqual([]);
    expect(at('2026-02-01T00:00:00Z')).toEqual([
      'TLS_CERT names a certificate that expired at 2026-02-01T00:00:00.000Z: name one that is valid now.',
    ]);
  });

  it('are refused where OpenSSL cannot use what follows the certificate, in its words', () => {
    const chain = `${good.cert}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`;
    const files = { TLS_CERT: fileOf('chain.pem', chain), TLS_KEY: keyFile() };
    expect(readTlsSettings(files, now).complaints).toEqual([
      expect.stringMatching(/^TLS_CERT and TLS_KEY cannot be used \(.+\): have a new certificate made/),
    ]);
  });

  it('never appear in a complaint, also where somebody put the key itself in place of its path', () => {
    const secret = good.key.split('\n')[1] ?? '';
    expect(secret.length).toBeGreaterThan(20);
    for (const TLS_KEY of [
      good.key,
      good.key.replaceAll('\n', ''),
      fileOf('cut.pem', good.key.slice(0, -60)),
    ])
      for (const TLS_CERT of [certFile(), good.key]) {
        const { complaints } = readTlsSettings({ TLS_CERT, TLS_KEY }, now);
        expect(complaints).toHaveLength(1);
        expect(complaints.join()).not.toContain(secret);
      }
  });
});

describe('TLS_CA', () => {
  it('names a bundle of certificates', async () => {
    const another = await createAuthority('another');
    const TLS_CA = fileOf('bundle.pem', `the first\n${authority.ca}\nthe second\n${another.ca}`);
    const { settings, complaints } = readTlsSettings({ TLS_CA }, now);
    expect(complaints).toEqual([]);
    expect(settings.trust).toBeDefined();
  });

  it('is refused when it is none', () => {
    const damaged = authority.ca.replace(/\n.{20}/, '\n');
    for (const text of ['', 'no pem', good.key, `${authority.ca}\n${damaged}`]) {
      const { complaints } = readTlsSettings({ TLS_CA: fileOf('ca.pem', text) }, now);
      expect(complaints).toEqual([expect.stringMatching(/^TLS_CA names a file that is no bundle/)]);
    }
  });
});

it('is told with everything else that is wrong in the environment', () => {
  const defaults = { port: 1, latency: 'constant(0ms)', failureRate: '0%', upstreams: {} };
  const read = () => readEnvironment({ PORT: 'x', TLS_CERT: certFile() }, defaults);
  expect(read).toThrow(/TLS_KEY is not set.* PORT is "x"/);
});
