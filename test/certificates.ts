import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

/** A certificate with its private key; both PEM. */
export interface Certified {
  cert: string;
  key: string;
}

/** An authority of a test's own, which nobody trusts unless told to. */
export interface TestAuthority {
  /** Its certificate, PEM. */
  ca: string;
  /** A certificate for 127.0.0.1 and `localhost`. */
  certify(validity?: { from?: Date; to?: Date }): Promise<Certified>;
}

const ec = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
const hourMs = 3_600_000;

export async function createAuthority(commonName: string): Promise<TestAuthority> {
  const authority = await generate([{ name: 'commonName', value: commonName }], {
    ...ec,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return {
    ca: authority.cert,
    certify: async ({ from = new Date(Date.now() - hourMs), to = new Date(Date.now() + hourMs) } = {}) => {
      const made = await generate([{ name: 'commonName', value: 'a service under test' }], {
        ...ec,
        ca: { key: authority.private, cert: authority.cert },
        notBeforeDate: from,
        notAfterDate: to,
        extensions: [
          { name: 'basicConstraints', cA: false, critical: true },
          {
            name: 'subjectAltName',
            altNames: [
              { type: 2, value: 'localhost' },
              { type: 7, ip: '127.0.0.1' },
            ],
          },
        ],
      });
      if (new X509Certificate(made.cert).verify(new X509Certificate(authority.cert).publicKey))
        return { cert: made.cert, key: made.private };
      throw new Error('the authority has not signed the certificate');
    },
  };
}
