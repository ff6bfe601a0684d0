/** How a call is refused. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
}

/** What an account is told that calls a generation of Function Compute which it does not have. No public document says it: a 4xx, thought likeliest. */
export const missingGeneration: Refusal = { status: 403, code: 'AccessDenied' };
