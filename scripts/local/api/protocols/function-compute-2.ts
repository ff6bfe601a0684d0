import type { CloudError } from '../../cloud-error.ts';
import { newRequestId } from '../../runtime/request-id.ts';
import type { Router } from '../function-compute/router.ts';
import { type ApiRequest, type ApiResponse, header } from '../http.ts';
import type { Permission } from '../permissions.ts';
import { functionComputeErrors } from './function-compute-errors.ts';
import type { Operation, Protocol } from './protocol.ts';
import { type Authority, hexDigest, hmac, isSame, isSkewed, secretOf } from './signing.ts';

const authorizationForm = /^FC ([^:]+):(.+)$/;

/** Signing and errors of Function Compute 2.0: https://www.alibabacloud.com/help/en/functioncompute/signature-authentication */
export class FunctionCompute2Protocol implements Protocol {
  readonly #authority: Authority;
  readonly #router: Router;

  constructor(authority: Authority, router: Router) {
    this.#authority = authority;
    this.#router = router;
  }

  claims(request: ApiRequest): boolean {
    return request.path.startsWith('/2016-08-15/');
  }

  authenticate(request: ApiRequest): void {
    const [, accessKeyId = '', signature = ''] = authorizationForm.exec(required(request, 'authorization')) ?? [];
    const secret = secretOf(this.#authority, accessKeyId);
    if (secret === undefined) throw functionComputeErrors.unknownKey(accessKeyId);
    if (isSkewed(this.#authority, required(request, 'date'))) throw functionComputeErrors.skewed();
    if (!isBodyWhole(request) || !isSame(signature, hmac('sha256', secret, stringToSign(request), 'base64'))) {
      throw functionComputeErrors.mismatch();
    }
  }

  resolve(request: ApiRequest, requestId: string): Operation {
    return this.#router.resolve(request, requestId);
  }

  newRequestId(): string {
    return newRequestId('2.0');
  }

  success(response: ApiResponse, requestId: string): ApiResponse {
    return { ...response, headers: { 'x-fc-request-id': requestId, ...response.headers } };
  }

  failure({ status, code, message }: CloudError, requestId: string): ApiResponse {
    return { status, headers: { 'x-fc-request-id': requestId }, body: { ErrorCode: code, ErrorMessage: message } };
  }

  denied(permission: Permission): CloudError {
    return functionComputeErrors.denied(permission);
  }

  fault(kind: 'throttled' | 'internal-error' | 'unavailable'): CloudError {
    return functionComputeErrors.fault(kind);
  }
}

function required(request: ApiRequest, name: string): string {
  const value = header(request, name);
  if (value === '') throw functionComputeErrors.missing(name);
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
