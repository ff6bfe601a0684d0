import type { CloudError } from '../../cloud-error.ts';
import type { Fault } from '../faults.ts';
import type { Generation } from '../generation.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Permission } from '../permissions.ts';

/** What a request asks for, known but not yet done. */
export interface Operation {
  readonly product: string;
  /** Of Function Compute, whose generations have calls of the same names. */
  readonly generation?: Generation;
  readonly action: string;
  /** What it is done to, as an ARN's last part, where a policy may name it. */
  readonly resource?: string;
  readonly run: () => ApiResponse | Promise<ApiResponse>;
}

/** How one family of services signs requests, names operations and words errors. */
export interface Protocol {
  /** Whether the request is of this family. */
  claims(request: ApiRequest): boolean;
  /** Throws `CloudError` when the request is not signed by a key of the account, or not now. */
  authenticate(request: ApiRequest): void;
  /** Throws `CloudError` when there is no such operation. */
  resolve(request: ApiRequest, requestId: string): Operation;
  newRequestId(): string;
  success(response: ApiResponse, requestId: string): ApiResponse;
  failure(error: CloudError, requestId: string): ApiResponse;
  /** The family's documented error for what is switched on. */
  fault(kind: Exclude<Fault['kind'], 'latency' | 'refused' | 'response-lost'>): CloudError;
  /** The family's documented error for a permission that is missing. */
  denied(permission: Permission): CloudError;
}
