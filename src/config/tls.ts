import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../errors/index.ts';
import type { Problems } from './problems.ts';
import type { PlacedService } from './topology.ts';

/** A bundle of all public authorities has a quarter of this. */
const MAX_BYTES = 1_000_000;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Reads the authority that a service's `tls.ca` names, at an absolute path; a file that is none is a problem there. */
export function authorityOf(
  { name, pathOf, protocol }: PlacedService,
  file: string,
  problems: Problems,
): { tls: { ca: string } } | undefined {
  if (protocol === 'amqp') {
    problems.at(pathOf('tls'), `\`${name}\` speaks AMQP, and \`tls\` is for HTTPS`, 'remove it');
    return undefined;
  }
  const report = (what: string) =>
    problems.at(
      pathOf('tls', 'ca'),
      `the CA of \`${name}\` ${what}: ${file}`,
      'name a PEM file with the certificate of who signs those of the service',
    );
  try {
    const stat = statSync(file);
    if (!stat.isFile() || stat.size > MAX_BYTES) {
      report(stat.isFile() ? 'is larger than 1 MB' : 'is no file');
      return undefined;
    }
    const ca = readFileSync(file, 'utf8');
    if (isBundle(ca)) return { tls: { ca } };
    report('is no certificate in PEM form');
  } catch (error) {
    report(`cannot be read (${codeOf(error)})`);
  }
  return undefined;
}

function isBundle(text: string): boolean {
  const certificates = text.match(CERTIFICATE) ?? [];
  try {
    for (const pem of certificates) new X509Certificate(pem);
    return certificates.length > 0;
  } catch {
    // One of them cannot be read: the file is as good as none.
    return false;
  }
}

/** Node's own message has the path in it, which is told anyway. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : messageOf(error);
}
