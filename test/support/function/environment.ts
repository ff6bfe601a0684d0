/** The least that the function needs, and what the test changes; undefined leaves a variable out. */
export function environment(changes: { readonly [name: string]: string | undefined } = {}): {
  readonly [name: string]: string | undefined;
} {
  return { CONNECTOR_NAME: 'demo', ES_ENDPOINT: '127.0.0.1', ES_PASSWORD: 'canary-Pa55', ES_INDEX: 'elastic_test', ...changes };
}
