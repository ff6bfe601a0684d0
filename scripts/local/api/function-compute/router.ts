import { CloudError } from '../../cloud-error.ts';
import type { Account } from '../account.ts';
import type { Generation } from '../generation.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Operation } from '../protocols/protocol.ts';
import type { FunctionRow, Functions } from './functions.ts';
import { missingGeneration } from './unconfirmed.ts';

/** The API of one generation; throws `CloudError` for a path that is none of its own. */
export interface Router {
  resolve(request: ApiRequest, requestId: string): Operation;
}

/** Throws `CloudError` when the account does not have the generation. */
export function checkGeneration({ functionComputeGenerations }: Account, generation: Generation): void {
  if (functionComputeGenerations.includes(generation)) return;
  throw new CloudError(missingGeneration.status, missingGeneration.code, missingGeneration.message(generation));
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
