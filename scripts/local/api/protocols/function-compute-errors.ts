import { CloudError } from '../../cloud-error.ts';
import type { Fault } from '../faults.ts';
import type { Permission } from '../permissions.ts';

/** Errors that both generations have in common: https://www.alibabacloud.com/help/en/functioncompute/error-codes */
export const functionComputeErrors = {
  missing: (name: string) => new CloudError(400, 'MissingRequiredHeader', `required HTTP header ${name} was not specified`),
  unknownKey: (accessKeyId: string) => new CloudError(403, 'InvalidAccessKeyID', `invalid access key ID '${accessKeyId}'`),
  skewed: () => new CloudError(403, 'AccessDenied', 'the date in the request is more than 15 minutes away from the current time'),
  mismatch: () => {
    const message =
      'The request signature we calculated does not match the signature you provided. Check your access key and signing method';
    return new CloudError(403, 'SignatureNotMatch', message);
  },
  denied: ({ permission, resource }: Permission) =>
    new CloudError(403, 'AccessDenied', `the caller is not authorized to perform '${permission}' on resource '${resource}'`),
  fault: (kind: Exclude<Fault['kind'], 'latency' | 'refused' | 'response-lost'>) => {
    if (kind === 'throttled') return new CloudError(429, 'ResourceExhausted', 'the request rate exceeds the limit');
    if (kind === 'internal-error') return new CloudError(500, 'InternalServerError', 'an internal error has occurred. Please retry.');
    return new CloudError(503, 'ResourceThrottled', 'the system is out of resources');
  },
};
