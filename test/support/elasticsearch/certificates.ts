import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import forge from 'node-forge';

/** A certificate and its private key, as PEM text. */
export interface Certificate {
  readonly key: string;
  readonly pem: string;
}

interface CertificateOptions {
  readonly commonName: string;
  /** Who signs; by default the certificate itself. */
  readonly issuer?: Certificate;
  readonly isAuthority?: boolean;
  /** The names of hosts; 127.0.0.1 is always a name, too, unless these are given. */
  readonly hosts?: readonly string[];
  /** The time in days from now. */
  readonly validFrom?: number;
  readonly validTo?: number;
}

const dayMs = 24 * 60 * 60 * 1000;
let serial = 1;

/** Makes a certificate as a test wants it. */
export function issue(options: CertificateOptions): Certificate {
  const { commonName, issuer, isAuthority = false, hosts = ['localhost'], validFrom = -1, validTo = 10 } = options;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = (serial++).toString(16).padStart(2, '0');
  certificate.validity.notBefore = new Date(Date.now() + validFrom * dayMs);
  certificate.validity.notAfter = new Date(Date.now() + validTo * dayMs);
  const subject = [{ name: 'commonName', value: commonName }];
  certificate.setSubject(subject);
  certificate.setIssuer(issuer ? forge.pki.certificateFromPem(issuer.pem).subject.attributes : subject);
  certificate.setExtensions(isAuthority ? authorityExtensions : serverExtensions(hosts, options.hosts === undefined));
  certificate.sign(forge.pki.privateKeyFromPem(issuer?.key ?? privateKey), forge.md.sha256.create());
  return { key: privateKey, pem: forge.pki.certificateToPem(certificate) };
}

const authorityExtensions = [
  { name: 'basicConstraints', cA: true, critical: true },
  { name: 'keyUsage', keyCertSign: true, critical: true },
];

function serverExtensions(hosts: readonly string[], isLoopback: boolean): object[] {
  const names = hosts.map((value) => ({ type: 2, value }));
  return [{ name: 'subjectAltName', altNames: isLoopback ? [...names, { type: 7, ip: '127.0.0.1' }] : names }];
}

/** The fingerprint as `ES_CA_FINGERPRINT` takes it. */
export function fingerprintOf({ pem }: Certificate): string {
  return new X509Certificate(pem).fingerprint256;
}
