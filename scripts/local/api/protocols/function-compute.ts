import { randomUUID } from 'node:crypto';
import { CloudError } from '../../cloud-error.ts';
import { type ApiRequest, type ApiResponse, header } from '../http.ts';
import type { Permission } from '../permissions.ts';
import type { Operation, Protocol } from './protocol.ts';
import { type Authority, hexDigest, hmac, isSame, isSkewed, secretOf } from './signing.ts';

/** Function Compute's API 2016-08-15; the product resolves paths. */
export interface FunctionComputeOperations {
  resolve(request: ApiRequest, requestId: string): Operation;
}

const authorizationForm = /^FC ([^:]+):(.+)$/;

/** Signing and errors of Function Compute 2.0: https://www.alibabacloud.com/help/en/functioncompute/signature-authentication */
export class FunctionComputeProtocol implements Protocol {
  readonly #authority: Authority;
  readonly #operations: FunctionComputeOperations;

  constructor(authority: Authority, operations: FunctionComputeOperations) {
    this.#authority = authority;
    this.#operations = operations;
  }

  claims(request: ApiRequest): boolean {
    return request.path.startsWith('/2016-08-15/');
  }

  authenticate(request: ApiRequest): void {
    const [, accessKeyId = '', signature = ''] = authorizationForm.exec(required(request, 'authorization')) ?? [];
    const secret = secretOf(this.#authority, accessKeyId);
    if (secret === undefined) throw new CloudError(403, 'InvalidAccessKeyID', `invalid access key ID '${accessKeyId}'`);
    if (isSkewed(this.#authority, required(request, 'date'))) {
      throw new CloudError(403, 'AccessDenied', 'the date in the request is more than 15 minutes away from the current time');
    }
    if (!isBodyWhole(request) || !isSame(signature, hmac('sha256', secret, stringToSign(request), 'base64'))) {
      throw new CloudError(
        403,
        'SignatureNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your access key and signing method',
      );
    }
  }

  resolve(request: ApiRequest, requestId: string): Operation {
    return this.#operations.resolve(request, requestId);
  }

  newRequestId(): string {
    return randomUUID();
  }

  success(response: ApiResponse, requestId: string): ApiResponse {
    return { ...response, headers: { 'x-fc-request-id': requestId, ...response.headers } };
  }

  failure({ status, code, message }: CloudError, requestId: string): ApiResponse {
    return { status, headers: { 'x-fc-request-id': requestId }, body: { ErrorCode: code, ErrorMessage: message } };
  }

  denied({ permission, resource }: Permission): CloudError {
    const message = `the caller is not authorized to perform '${permission}' on resource '${resource}'`;
    return new CloudError(403, 'AccessDenied', message);
  }

  fault(kind: 'throttled' | 'internal-error' | 'unavailable'): CloudError {
    if (kind === 'throttled') return new CloudError(429, 'ResourceExhausted', 'the request rate exceeds the limit');
    if (kind === 'internal-error') return new CloudError(500, 'InternalServerError', 'an internal error has occurred. Please retry.');
    return new CloudError(503, 'ResourceThrottled', 'the system is out of resources');
  }
}

function required(request: ApiRequest, name: string): string {
  const value = header(request, name);
  if (value === '') throw new CloudError(400, 'MissingRequiredHeader', `required HTTP header ${name} was not specified`);
  return value;
}

/** The digest's hexadecimal text, not its bytes, is what is in base64: https://github.com/aliyun/fc-nodejs-sdk/blob/master/lib/client.js */
function isBodyWhole(request: ApiRequest): boolean {
  const digest = header(request, 'content-md5');
  return digest === '' || isSame(digest, Buffer.from(hexDigest('md5', request.body)).toString('base64'));
}

/** The query is not signed: https://github.com/aliyun/fc-nodejs-sdk/blob/master/lib/helper.js */
function stringToSign(request: ApiRequest): string {
  const names = Object.keys(request.headers).filter((name) => name.startsWith('x-fc-'));
  const fcHeaders = names.sort().map((name) => `${name}:${header(request, name)}\n`);
  const common = ['content-md5', 'content-type', 'date'].map((name) => `${header(request, name)}\n`);
  return [`${request.method}\n`, ...common, ...fcHeaders, decodeURIComponent(request.path)].join('');
}
