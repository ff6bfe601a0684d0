import type { Generation } from '../generation.ts';

/** How a call is refused. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: (generation: Generation) => string;
}

/** What an account is told that calls a generation of Function Compute which it does not have. No public document says it: a 4xx, thought likeliest. */
export const missingGeneration: Refusal = {
  status: 403,
  code: 'AccessDenied',
  message: (generation) => `Function Compute ${generation} is not available to this account`,
};
