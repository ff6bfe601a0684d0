import { inject, type TestOptions } from 'vitest';
import { type Distribution, distributions, type Feature } from '../../../scripts/local/servers/elasticsearch/distributions.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** What a test needs and the server has not: why the test is not run on it. */
    lacks?: readonly Feature[];
  }
}

/** The server that `elasticsearchUrl` leads to. */
export const serverUnderTest: Distribution = distributions[inject('distribution')];

/**
 * Options of a test or of a group of tests that only servers with these features can pass: `test('…', needs('ingest processors'), …)`. On others
 * it is not run, and counted as such, with what is lacking.
 */
export function needs(...features: readonly Feature[]): TestOptions {
  const lacks = features.filter((feature) => serverUnderTest.lacks[feature] !== undefined);
  return lacks.length === 0 ? {} : { skip: true, meta: { lacks } };
}
