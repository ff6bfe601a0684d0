import { CloudError } from '../../cloud-error.ts';
import type { Account } from '../account.ts';
import type { Generation } from '../generation.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Operation } from '../protocols/protocol.ts';
import type { FunctionRow, Functions } from './functions.ts';
import type { Refusal } from './unconfirmed.ts';

/** The API of one generation; throws `CloudError` for a path that is none of its own. */
export interface Router {
  resolve(request: ApiRequest, requestId: string): Operation;
}

/** What the account has of Function Compute, and what it is told of the rest. */
export interface Availability {
  readonly account: Account;
  readonly missingGeneration: Refusal;
}

/** Throws `CloudError` when the account does not have the generation. */
export function checkGeneration({ account, missingGeneration }: Availability, generation: Generation): void {
  if (account.functionComputeGenerations.includes(generation)) return;
  const { status, code } = missingGeneration;
  throw new CloudError(status, code, `Function Compute ${generation} is not available to this account`);
}

/** The error for a path that is none of the API's. */
export function pathNotSupported({ method, path }: ApiRequest): CloudError {
  return new CloudError(400, 'PathNotSupported', `'${method}' against '${path}' is not supported`);
}

/** The cloud gives an address in OSS; the archive itself stands in it here. */
export function codeResponse({ code }: Functions, { codeChecksum, id }: FunctionRow): ApiResponse {
  const archive = code.archive(id, codeChecksum);
  return { status: 200, body: { url: `data:application/zip;base64,${archive.toString('base64')}`, checksum: codeChecksum } };
}
