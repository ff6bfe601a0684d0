import { randomUUID } from 'node:crypto';
import { CloudError } from '../../cloud-error.ts';
import type { AcsProduct } from '../acs-product.ts';
import { Parameters } from '../acs-product.ts';
import { type ApiRequest, type ApiResponse, header, isObject } from '../http.ts';
import type { Permission } from '../permissions.ts';
import type { Operation, Protocol } from './protocol.ts';
import { type Authority, hexDigest, hmac, isSame, isSkewed, secretOf } from './signing.ts';

const algorithm = 'ACS3-HMAC-SHA256';
const authorizationForm = /^ACS3-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const nonceMs = 15 * 60 * 1000;

/** The products behind Alibaba Cloud's API gateway, RPC and ROA style: https://help.aliyun.com/zh/functioncompute/fc/developer-reference/signature-mechanism */
export class Acs3Protocol implements Protocol {
  readonly #authority: Authority;
  readonly #products: readonly AcsProduct[];
  readonly #nonces = new Map<string, number>();

  constructor(authority: Authority, products: readonly AcsProduct[]) {
    this.#authority = authority;
    this.#products = products;
  }

  claims(request: ApiRequest): boolean {
    return header(request, 'x-acs-version') !== '' || header(request, 'authorization').startsWith(algorithm);
  }

  authenticate(request: ApiRequest): void {
    const [, accessKeyId = '', signedHeaders = '', signature = ''] = authorizationForm.exec(header(request, 'authorization')) ?? [];
    if (signature === '') throw new CloudError(400, 'MissingParameter', missing('Authorization'));
    const secret = secretOf(this.#authority, accessKeyId);
    if (secret === undefined) throw new CloudError(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.');
    if (isSkewed(this.#authority, header(request, 'x-acs-date'))) {
      throw new CloudError(400, 'InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.');
    }
    const stringToSign = `${algorithm}\n${hexDigest('sha256', canonicalRequest(request, signedHeaders.split(';')))}`;
    const isWhole = header(request, 'x-acs-content-sha256') === hexDigest('sha256', request.body);
    if (!isWhole || !allSigned(request, signedHeaders.split(';')) || !isSame(signature, hmac('sha256', secret, stringToSign, 'hex'))) {
      throw new CloudError(
        400,
        'SignatureDoesNotMatch',
        `Specified signature does not match our calculation. server string to sign is:${stringToSign}`,
      );
    }
    this.#useNonce(header(request, 'x-acs-signature-nonce'));
  }

  resolve(request: ApiRequest, requestId: string): Operation {
    const version = header(request, 'x-acs-version');
    const product = this.#products.find((candidate) => candidate.version === version);
    if (!product) throw new CloudError(400, 'InvalidVersion', 'Specified parameter Version is not valid.');
    const action = header(request, 'x-acs-action');
    const run = product.actions[action];
    if (!run) throw new CloudError(404, 'InvalidAction.NotFound', 'Specified api is not found, please check your url and method.');
    const call = { parameters: parametersOf(request), request, requestId };
    return { product: product.name, action, run: async () => ({ status: 200, body: await run(call) }) };
  }

  newRequestId(): string {
    return randomUUID().toUpperCase();
  }

  success(response: ApiResponse, requestId: string): ApiResponse {
    return { ...response, body: { ...(isObject(response.body) ? response.body : {}), RequestId: requestId } };
  }

  failure({ status, code, message }: CloudError, requestId: string): ApiResponse {
    const recommend = `https://api.aliyun.com/troubleshoot?q=${code}`;
    return { status, body: { Code: code, Message: message, RequestId: requestId, HostId: 'local', Recommend: recommend } };
  }

  denied({ permission }: Permission): CloudError {
    if (permission.startsWith('ram:')) return new CloudError(403, 'NoPermission', 'You are not authorized to do this action.');
    return new CloudError(
      403,
      'Forbidden.RAM',
      `User not authorized to operate on the specified resource, or this API doesn't support RAM.`,
    );
  }

  fault(kind: 'throttled' | 'internal-error' | 'unavailable'): CloudError {
    if (kind === 'throttled') return new CloudError(400, 'Throttling.User', 'Request was denied due to user flow control.');
    if (kind === 'internal-error')
      return new CloudError(500, 'InternalError', 'The request processing has failed due to some unknown error.');
    return new CloudError(503, 'ServiceUnavailable', 'The request has failed due to a temporary failure of the server.');
  }

  #useNonce(nonce: string): void {
    const now = this.#authority.now();
    for (const [used, at] of this.#nonces) if (now - at > nonceMs) this.#nonces.delete(used);
    if (this.#nonces.has(nonce)) throw new CloudError(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.');
    this.#nonces.set(nonce, now);
  }
}

function missing(name: string): string {
  return `The input parameter "${name}" that is mandatory for processing this request is not supplied.`;
}

/** Parameters come in the query or in a form. */
function parametersOf(request: ApiRequest): Parameters {
  const isForm = header(request, 'content-type').startsWith('application/x-www-form-urlencoded');
  return new Parameters([...request.query, ...new URLSearchParams(isForm ? request.body.toString() : '')]);
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
