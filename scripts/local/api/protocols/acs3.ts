import { randomUUID } from 'node:crypto';
import { CloudError } from '../../cloud-error.ts';
import type { AcsProduct } from '../acs-product.ts';
import { Parameters } from '../acs-product.ts';
import { type ApiRequest, type ApiResponse, header, isObject } from '../http.ts';
import type { Permission } from '../permissions.ts';
import { type Acs3Refusals, Acs3Signatures, acs3Algorithm } from './acs3-signature.ts';
import type { Operation, Protocol } from './protocol.ts';
import type { Authority } from './signing.ts';

const refusals: Acs3Refusals = {
  missing: () => new CloudError(400, 'MissingParameter', missing('Authorization')),
  unknownKey: () => new CloudError(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.'),
  skewed: () => new CloudError(400, 'InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.'),
  mismatch: (stringToSign) => {
    const message = `Specified signature does not match our calculation. server string to sign is:${stringToSign}`;
    return new CloudError(400, 'SignatureDoesNotMatch', message);
  },
};

/** The products behind Alibaba Cloud's API gateway, RPC and ROA style: https://help.aliyun.com/zh/functioncompute/fc/developer-reference/signature-mechanism */
export class Acs3Protocol implements Protocol {
  readonly #signatures: Acs3Signatures;
  readonly #products: readonly AcsProduct[];

  constructor(authority: Authority, products: readonly AcsProduct[]) {
    this.#signatures = new Acs3Signatures(authority, refusals);
    this.#products = products;
  }

  claims(request: ApiRequest): boolean {
    return header(request, 'x-acs-version') !== '' || header(request, 'authorization').startsWith(acs3Algorithm);
  }

  authenticate(request: ApiRequest): void {
    this.#signatures.check(request);
  }

  resolve(request: ApiRequest, requestId: string): Operation {
    const version = header(request, 'x-acs-version');
    const product = this.#products.find((candidate) => candidate.version === version);
    if (!product) throw new CloudError(400, 'InvalidVersion', 'Specified parameter Version is not valid.');
    const action = header(request, 'x-acs-action');
    const run = Object.hasOwn(product.actions, action) ? product.actions[action] : undefined;
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
}

function missing(name: string): string {
  return `The input parameter "${name}" that is mandatory for processing this request is not supplied.`;
}

/** Parameters come in the query or in a form. */
function parametersOf(request: ApiRequest): Parameters {
  const isForm = header(request, 'content-type').startsWith('application/x-www-form-urlencoded');
  return new Parameters([...request.query, ...new URLSearchParams(isForm ? request.body.toString() : '')]);
}
