import { createSecureContext, type SecureContext } from 'node:tls';

/** Who signs the certificate of the service at a URL. */
export interface TrustedAuthority {
  readonly url: string;
  /** Certificates, PEM. For this origin no other authority counts. */
  readonly ca: string;
}

/** What `tls.connect` is to know of an origin; empty where the authorities that Node knows decide. */
export interface TrustOptions {
  readonly secureContext?: SecureContext;
}

/** Answers whom to trust at a URL. All names of this machine's loopback are one. */
export function createTrust(authorities: readonly TrustedAuthority[]): (url: string) => TrustOptions {
  const contexts = new Map(
    authorities.map(({ url, ca }) => [originOf(url), { secureContext: createSecureContext({ ca }) }]),
  );
  return (url) => contexts.get(originOf(url)) ?? {};
}

function originOf(text: string): string {
  const { protocol, hostname, port } = new URL(text);
  const host = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname) ? 'loopback' : hostname;
  return `${protocol}//${host}:${port}`;
}
