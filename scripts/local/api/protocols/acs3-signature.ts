import { CloudError } from '../../cloud-error.ts';
import { type ApiRequest, header } from '../http.ts';
import { type Authority, hexDigest, hmac, isSame, isSkewed, secretOf } from './signing.ts';

/** The scheme's name, with which its `Authorization` begins. */
export const acs3Algorithm = 'ACS3-HMAC-SHA256';

const authorizationForm = /^ACS3-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const nonceMs = 15 * 60 * 1000;

/** How a family of services words each fault of a signature. */
export interface Acs3Refusals {
  missing(): CloudError;
  unknownKey(accessKeyId: string): CloudError;
  skewed(): CloudError;
  mismatch(stringToSign: string): CloudError;
}

/** Signatures over method, path, query, signed headers and the payload's hash: https://help.aliyun.com/zh/functioncompute/fc/developer-reference/signature-mechanism */
export class Acs3Signatures {
  readonly #authority: Authority;
  readonly #refusals: Acs3Refusals;
  readonly #nonces = new Map<string, number>();

  constructor(authority: Authority, refusals: Acs3Refusals) {
    this.#authority = authority;
    this.#refusals = refusals;
  }

  /** Throws `CloudError`. */
  check(request: ApiRequest): void {
    const [, accessKeyId = '', signedHeaders = '', signature = ''] = authorizationForm.exec(header(request, 'authorization')) ?? [];
    if (signature === '') throw this.#refusals.missing();
    const secret = secretOf(this.#authority, accessKeyId);
    if (secret === undefined) throw this.#refusals.unknownKey(accessKeyId);
    if (isSkewed(this.#authority, header(request, 'x-acs-date'))) throw this.#refusals.skewed();
    const stringToSign = `${acs3Algorithm}\n${hexDigest('sha256', canonicalRequest(request, signedHeaders.split(';')))}`;
    const isWhole = header(request, 'x-acs-content-sha256') === hexDigest('sha256', request.body);
    if (!isWhole || !allSigned(request, signedHeaders.split(';')) || !isSame(signature, hmac('sha256', secret, stringToSign, 'hex'))) {
      throw this.#refusals.mismatch(stringToSign);
    }
    this.#useNonce(header(request, 'x-acs-signature-nonce'));
  }

  #useNonce(nonce: string): void {
    const now = this.#authority.now();
    for (const [used, at] of this.#nonces) if (now - at > nonceMs) this.#nonces.delete(used);
    if (this.#nonces.has(nonce)) throw new CloudError(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.');
    this.#nonces.set(nonce, now);
  }
}

function allSigned({ headers }: ApiRequest, signed: readonly string[]): boolean {
  return Object.keys(headers).every((name) => signed.includes(name) || !/^(x-acs-|host$|content-type$)/.test(name));
}

function canonicalRequest(request: ApiRequest, signedHeaders: readonly string[]): string {
  const headers = signedHeaders.map((name) => `${name}:${header(request, name).trim()}\n`).join('');
  const path = request.path.replaceAll('+', '%20').replaceAll('*', '%2A').replaceAll('%7E', '~');
  const payload = header(request, 'x-acs-content-sha256');
  return [request.method, path, canonicalQuery(request.query), headers, signedHeaders.join(';'), payload].join('\n');
}

function canonicalQuery(query: URLSearchParams): string {
  const pairs = [...query].map(([name, value]): [string, string] => [name, `${name}=${encode(value)}`]);
  return pairs
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, text]) => text)
    .join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
