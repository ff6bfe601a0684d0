/** A record in the connector's own format, valid but for what the test changes. */
export function connectorRecord(changes: { readonly [name: string]: unknown } = {}): object {
  return {
    key: 'demo',
    offset: 7,
    overflowFlag: false,
    partition: 2,
    timestamp: 1616599282417,
    topic: 'orders',
    value: '{"key": "test"}',
    valueSize: 15,
    ...changes,
  };
}

/** The event that holds these records. */
export function eventOf(...records: readonly unknown[]): Buffer {
  return Buffer.from(JSON.stringify(records));
}
