import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

/** What a service shows to whoever connects: its certificate, perhaps with those that signed it, and its key; PEM. */
export interface ServerCertificate {
  cert: string;
  key: string;
}

/** What the environment says about HTTPS. */
export interface TlsSettings {
  /** `TLS_CERT` and `TLS_KEY`; undefined: the service speaks plain HTTP. */
  certificate: ServerCertificate | undefined;
  /**
   * Whom to believe at https addresses: those that Node knows, and those of the bundle in `TLS_CA`. Undefined: only
   * those that Node knows.
   */
  trust: SecureContext | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

interface TlsReading {
  settings: TlsSettings;
  /** One sentence for each bad setting. None shows what is in the key's file or variable. */
  complaints: readonly string[];
}

/** A bundle of all public authorities has a quarter of this. */
const maxFileBytes = 1_000_000;

/** Reads the PEM files that `TLS_CERT`, `TLS_KEY` and `TLS_CA` name. */
export function readTlsSettings(variables: Variables, nowMs: number): TlsReading {
  const complaints: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
      complaints.push(error.message);
      return undefined;
    }
  };
  const certificate = attempt(() => readCertificate(variables, nowMs));
  const trust = attempt(() => readTrust(variables));
  return { settings: { certificate, trust }, complaints };
}

/** For undici's `connect`: what it hands to `tls.connect`. Made once, because parsing all authorities takes long. */
export function trustOptions(trust: TlsSettings['trust']): { secureContext?: SecureContext } {
  return trust === undefined ? {} : { secureContext: trust };
}

/** What a user has to set right; a sentence. */
class Complaint extends Error {}

function readCertificate(variables: Variables, nowMs: number): ServerCertificate | undefined {
  const { TLS_CERT, TLS_KEY } = variables;
  if (!TLS_CERT && !TLS_KEY) return undefined;
  if (!TLS_CERT || !TLS_KEY) {
    const [given, missing] = TLS_CERT ? ['TLS_CERT', 'TLS_KEY'] : ['TLS_KEY', 'TLS_CERT'];
    throw new Complaint(`${missing} is not set, but ${given} is: set both for HTTPS, or none for HTTP.`);
  }
  const cert = readPem('TLS_CERT', TLS_CERT);
  const parsed = parseCertificate(cert);
  if (parsed === undefined)
    throw new Complaint(
      'TLS_CERT names a file that holds no certificate in PEM form: name one with "-----BEGIN CERTIFICATE-----" in it.',
    );
  requireCurrent(parsed, nowMs);
  const key = readPem('TLS_KEY', TLS_KEY);
  if (!isKeyOf(parsed, key))
    throw new Complaint(
      'TLS_KEY does not belong to the certificate in TLS_CERT: name the key that the certificate was made for.',
    );
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    // OpenSSL names a reason such as "ee key too small", never the key.
    const reason = error instanceof Error ? error.message : String(error);
    throw new Complaint(
      `TLS_CERT and TLS_KEY cannot be used (${reason}): have a new certificate made, with a new key.`,
    );
  }
  return { cert, key };
}

function requireCurrent({ validFrom, validTo }: X509Certificate, nowMs: number): void {
  const remedy = 'name one that is valid now';
  if (Date.parse(validTo) <= nowMs)
    throw new Complaint(`TLS_CERT names a certificate that expired at ${isoTime(validTo)}: ${remedy}.`);
  if (Date.parse(validFrom) > nowMs)
    throw new Complaint(
      `TLS_CERT names a certificate that is not valid before ${isoTime(validFrom)}: ${remedy}.`,
    );
}

const isoTime = (text: string) => new Date(text).toISOString();

/** Throws where the file holds no private key that can be used. */
function isKeyOf(certificate: X509Certificate, pem: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(pem));
  } catch {
    // What it says may depend on what is in the file, and nobody may learn that.
    throw new Complaint(
      'TLS_KEY names a file that holds no private key in PEM form, or one with a passphrase: name a key without one.',
    );
  }
}

function readTrust({ TLS_CA }: Variables): SecureContext | undefined {
  if (!TLS_CA) return undefined;
  const certificates = readPem('TLS_CA', TLS_CA).match(pemCertificate) ?? [];
  if (certificates.length === 0 || certificates.some((pem) => parseCertificate(pem) === undefined))
    throw new Complaint(
      'TLS_CA names a file that is no bundle of certificates in PEM form: name the certificate of who signs those of your services.',
    );
  return createSecureContext({ ca: [...rootCertificates, ...certificates] });
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The first certificate of a text. */
function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    // Not a certificate: the caller says so.
    return undefined;
  }
}

/** The path is not repeated: somebody may have put the key itself where its path belongs. */
function readPem(name: string, path: string): string {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) throw new Error('it is no file');
    if (stat.size > maxFileBytes) throw new Error('it is larger than 1 MB');
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Complaint(
      `${name} names a file that cannot be read (${reasonOf(error)}): name a PEM file that the service may read.`,
    );
  }
}

/** Node's own messages have the path in them. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  return 'code' in error ? String(error.code) : error.message;
}
