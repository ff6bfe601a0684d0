import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { Failure } from '../../../shared/errors.ts';
import type { Settings } from '../../../shared/settings.ts';

/** The failure `ElasticsearchTlsFailed`, which holds what is wrong and what to do apart. */
export class TlsFailure extends Failure {
  readonly detail: string;
  readonly fix: string;

  constructor(detail: string, fix: string) {
    super('ElasticsearchTlsFailed', `${detail}; ${fix}`);
    this.detail = detail;
    this.fix = fix;
  }
}

/**
 * The certificate that a server presents and that has this SHA-256 fingerprint, as PEM text. Nothing is sent but the handshake, and nothing else
 * is believed: to be shown the certificate proves nothing, to be signed by it does. Throws `ElasticsearchTlsFailed` when it is not there.
 */
export async function findAuthority(url: URL, fingerprint: string, signal: AbortSignal): Promise<string> {
  const socket = await shakeHands(url, signal);
  try {
    const chain = [...presentedBy(socket)];
    const found = chain.find(({ fingerprint256 }) => fingerprint256.replaceAll(':', '') === fingerprint);
    if (found && (found.ca || isSelfSigned(found))) return found.toString();
    const fix =
      'set ES_CA_FINGERPRINT to that of the authority, and let the server send its certificate, too; or set ES_CA to the certificate';
    const detail = found
      ? "the fingerprint is that of the server's own certificate, which another one has signed"
      : `none of the ${chain.length} certificates that the server sends has the fingerprint`;
    throw new TlsFailure(`${url.origin}: ${detail}`, fix);
  } finally {
    socket.destroy();
  }
}

/** Whether TLS is spoken there. */
export async function speaksTls(url: URL, signal: AbortSignal): Promise<boolean> {
  try {
    (await shakeHands(url, signal)).destroy();
    return true;
  } catch (error) {
    return /SSL alert number/.test(String(error));
  }
}

/** A handshake that trusts nobody's name, so nothing may be sent on its connection. */
async function shakeHands(url: URL, signal: AbortSignal): Promise<TLSSocket> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const socket = connect({ host, port, rejectUnauthorized: false, ...(isIP(host) === 0 && { servername: host }) });
  socket.on('error', () => undefined);
  try {
    await once(socket, 'secureConnect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** All certificates in the order in which they were sent, whether or not one has signed another. */
function* presentedBy(socket: TLSSocket): Generator<X509Certificate> {
  for (let certificate = socket.getPeerX509Certificate(); certificate; certificate = certificate.issuerCertificate) yield certificate;
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}

/** The failure of plain HTTP at a port for TLS. */
export function needsTls(url: URL): TlsFailure {
  return new TlsFailure(
    `${url.origin}: the port speaks TLS, and was asked in plain HTTP`,
    'set ES_PROTOCOL=https, or ES_ENDPOINT to https://…',
  );
}

/** A kind of permanent mistake, which no retry helps, with the errors that it is known by and what to do. */
interface Mistake {
  readonly pattern: RegExp;
  readonly fix: (settings: Settings) => string;
}

/**
 * Codes of Node, https://nodejs.org/docs/latest-v20.x/api/tls.html#x509-certificate-error-codes and …/errors.html, and OpenSSL's reasons,
 * https://github.com/openssl/openssl/blob/openssl-3.0/ssl/ssl_err.c, which Node mostly gives in the message of an `EPROTO`.
 * What is in none of them is taken for the network's: a cut handshake, `bad record mac`, an alert `internal error`.
 */
const mistakes: readonly Mistake[] = [
  {
    pattern: /wrong version number|packet length too long|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)/,
    fix: () => 'the port does not speak TLS: set ES_PROTOCOL=http, or ES_ENDPOINT to http://…, or ES_PORT to the port for https',
  },
  {
    pattern: /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|ERROR_IN_CERT_NOT_(BEFORE|AFTER)_FIELD|alert certificate expired/,
    fix: () => "renew the server's certificate; where its authority is renewed, too, set ES_CA or ES_CA_FINGERPRINT anew",
  },
  {
    pattern: /ERR_TLS_CERT_ALTNAME_(INVALID|FORMAT)|HOSTNAME_MISMATCH|unrecognized name/,
    fix: () => 'set ES_ENDPOINT to a name that the certificate holds; ES_CA and ES_CA_FINGERPRINT do not stand in for the name',
  },
  {
    pattern:
      /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE|DECODE_ISSUER_PUBLIC_KEY|DECRYPT_CERT_SIGNATURE)|CERT_(SIGNATURE_FAILURE|CHAIN_TOO_LONG|REVOKED|UNTRUSTED|REJECTED)|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|UNSPECIFIED/,
    fix: fixOfAuthority,
  },
  {
    pattern:
      /protocol version|unsupported protocol|handshake failure|no shared cipher|insufficient security|(dh|ee|ca) key too small|ca md too weak|unsafe legacy renegotiation disabled|certificate required|alert (bad certificate|unknown ca|certificate unknown|access denied)|ERR_TLS_INVALID_PROTOCOL/,
    fix: () =>
      'the function speaks TLS 1.2 and 1.3 and has no certificate of its own: let the server take that, or ask it on a port for http with ES_PROTOCOL=http',
  },
];

function fixOfAuthority({ ES_CA, ES_CA_FINGERPRINT }: Settings): string {
  if (ES_CA_FINGERPRINT) {
    return 'the certificate with the fingerprint of ES_CA_FINGERPRINT has not signed what the server presents: make sure that it is your server, then set it to the fingerprint of its authority';
  }
  if (ES_CA) return 'ES_CA has not signed what the server presents: make sure that it is your server, then set ES_CA to its authority';
  return 'set ES_CA to the certificate of the authority that has signed it, or ES_CA_FINGERPRINT to the fingerprint of that';
}

/** The failure that an error of a connection is when a person is needed; undefined where it may pass by itself. */
export function explain(error: unknown, url: URL, settings: Settings): TlsFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? String(error.code) : '';
  const mistake = mistakes.find(({ pattern }) => pattern.test(`${code} ${error.message}`));
  if (!mistake) return undefined;
  // OpenSSL: thread:error:number:library:function:reason:file:line:
  const [, reason = error.message] = /SSL routines:[^:]*:([^:]+):/.exec(error.message) ?? [];
  return new TlsFailure(`${url.origin}: ${reason} (${code})`, mistake.fix(settings));
}
