import type { CloudError } from '../../cloud-error.ts';
import { newRequestId } from '../../runtime/request-id.ts';
import type { Router } from '../function-compute/router.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Permission } from '../permissions.ts';
import { Acs3Signatures } from './acs3-signature.ts';
import { functionComputeErrors } from './function-compute-errors.ts';
import type { Operation, Protocol } from './protocol.ts';
import type { Authority } from './signing.ts';

/** Signing and errors of Function Compute 3.0: https://help.aliyun.com/zh/functioncompute/fc/developer-reference/signature-mechanism */
export class FunctionCompute3Protocol implements Protocol {
  readonly #signatures: Acs3Signatures;
  readonly #router: Router;

  constructor(authority: Authority, router: Router) {
    this.#signatures = new Acs3Signatures(authority, {
      ...functionComputeErrors,
      missing: () => functionComputeErrors.missing('authorization'),
    });
    this.#router = router;
  }

  claims(request: ApiRequest): boolean {
    return request.path.startsWith('/2023-03-30/');
  }

  authenticate(request: ApiRequest): void {
    this.#signatures.check(request);
  }

  resolve(request: ApiRequest, requestId: string): Operation {
    return this.#router.resolve(request, requestId);
  }

  newRequestId(): string {
    return newRequestId('3.0');
  }

  success(response: ApiResponse, requestId: string): ApiResponse {
    return { ...response, headers: { 'x-fc-request-id': requestId, ...response.headers } };
  }

  failure({ status, code, message }: CloudError, requestId: string): ApiResponse {
    return { status, headers: { 'x-fc-request-id': requestId }, body: { Code: code, Message: message, RequestId: requestId } };
  }

  denied(permission: Permission): CloudError {
    return functionComputeErrors.denied(permission);
  }

  fault(kind: 'throttled' | 'internal-error' | 'unavailable'): CloudError {
    return functionComputeErrors.fault(kind);
  }
}
