import { randomBytes } from 'node:crypto';
import { CloudError } from '../../cloud-error.ts';
import { type ApiRequest, type ApiResponse, header } from '../http.ts';
import type { Permission } from '../permissions.ts';
import type { Operation, Protocol } from './protocol.ts';
import { type Authority, hexDigest, hmac, isSame, isSkewed, secretOf } from './signing.ts';

/** Log Service's API 2020-12-30; the product resolves paths within a project. */
export interface LogServiceOperations {
  resolve(request: ApiRequest, project: string | undefined): Operation;
}

const authorizationForm = /^LOG ([^:]+):(.+)$/;
const methods = { 'hmac-sha1': 'sha1', 'hmac-sha256': 'sha256' } as const;

/** Signing and errors of Log Service: https://www.npmjs.com/package/@alicloud/gateway-sls */
export class LogServiceProtocol implements Protocol {
  readonly #authority: Authority;
  readonly #operations: LogServiceOperations;

  constructor(authority: Authority, operations: LogServiceOperations) {
    this.#authority = authority;
    this.#operations = operations;
  }

  claims(request: ApiRequest): boolean {
    return header(request, 'x-log-apiversion') !== '';
  }

  authenticate(request: ApiRequest): void {
    const [, accessKeyId = '', signature = ''] = authorizationForm.exec(header(request, 'authorization')) ?? [];
    if (signature === '') throw new CloudError(400, 'InvalidParameter', 'header authorization is not LOG <access key>:<signature>');
    const secret = secretOf(this.#authority, accessKeyId);
    if (secret === undefined) throw new CloudError(401, 'Unauthorized', `The AccessKeyId ${accessKeyId} is invalid`);
    const date = header(request, 'date');
    if (isSkewed(this.#authority, date)) {
      const serverTime = new Date(this.#authority.now()).toUTCString();
      throw new CloudError(400, 'RequestTimeExpired', `Request time ${date} has been expired while server time is ${serverTime}.`);
    }
    const expected = hmac(signatureMethod(request), secret, stringToSign(request), 'base64');
    if (!isBodyWhole(request) || !isSame(signature, expected)) {
      throw new CloudError(401, 'SignatureNotMatch', `Signature ${signature} not matched`);
    }
  }

  resolve(request: ApiRequest): Operation {
    return this.#operations.resolve(request, projectOf(request));
  }

  newRequestId(): string {
    return randomBytes(12).toString('hex').toUpperCase();
  }

  success(response: ApiResponse, requestId: string): ApiResponse {
    return { ...response, headers: { 'x-log-requestid': requestId, ...response.headers } };
  }

  failure({ status, code, message }: CloudError, requestId: string): ApiResponse {
    return { status, headers: { 'x-log-requestid': requestId }, body: { errorCode: code, errorMessage: message } };
  }

  denied({ permission, resource }: Permission): CloudError {
    return new CloudError(401, 'Unauthorized', `denied by sts or ram, action: ${permission}, resource: ${resource}`);
  }

  fault(kind: 'throttled' | 'internal-error' | 'unavailable'): CloudError {
    if (kind === 'throttled') return new CloudError(403, 'ReadQuotaExceed', 'Read quota exceeded');
    if (kind === 'internal-error') return new CloudError(500, 'InternalServerError', 'Internal server error');
    return new CloudError(503, 'ServerBusy', 'The server is busy, please try again later.');
  }
}

/** The project is the first label of the host; where that cannot be, a header carries it. */
function projectOf(request: ApiRequest): string | undefined {
  const [label, ...rest] = header(request, 'host').split('.');
  const inHost = rest.join('.').includes('log.aliyuncs.com') ? label : undefined;
  return header(request, 'x-log-project') || inHost;
}

function signatureMethod(request: ApiRequest): 'sha1' | 'sha256' {
  const method = header(request, 'x-log-signaturemethod');
  if (method === 'hmac-sha1' || method === 'hmac-sha256') return methods[method];
  throw new CloudError(400, 'InvalidSignatureMethod', `signature method ${method} is unsupported`);
}

function isBodyWhole(request: ApiRequest): boolean {
  return request.body.length === 0 || isSame(header(request, 'content-md5'), hexDigest('md5', request.body).toUpperCase());
}

function stringToSign(request: ApiRequest): string {
  const names = Object.keys(request.headers).filter((name) => /x-log-|x-acs-/.test(name));
  const logHeaders = names.sort().map((name) => `${name}:${header(request, name)}\n`);
  const common = ['content-md5', 'content-type', 'date'].map((name) => `${header(request, name)}\n`);
  return [`${request.method}\n`, ...common, ...logHeaders, canonicalResource(request)].join('');
}

function canonicalResource({ path, query }: ApiRequest): string {
  const pairs = [...query].map(([name, value]) => ({ name, text: `${name}=${value}` }));
  const texts = pairs.sort((left, right) => (left.name < right.name ? -1 : 1)).map(({ text }) => text);
  return texts.length > 0 ? `${path}?${texts.join('&')}` : path;
}
