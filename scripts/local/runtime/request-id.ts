import { randomBytes, randomUUID } from 'node:crypto';
import type { FunctionConfig } from './function-config.ts';

/** A UUID; of 3.0 such as `1-65362416-68afb557d64a2e283eccebce`. */
export function newRequestId(generation: FunctionConfig['generation']): string {
  if (generation === '2.0') return randomUUID();
  return `1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`;
}
