/** A record in the connector's own format, valid but for what the test changes. */
export function connectorRecord(changes: object = {}): object {
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

/** The CloudEvent around a record, as the Kafka trigger sends it. */
export function cloudEvent(data: object): object {
  return {
    specversion: '1.0',
    id: '8e215af8-ca18-4249-8645-f96c1026',
    source: 'acs:alikafka',
    type: 'alikafka:Topic:Message',
    subject: 'acs:alikafka_pre-cn-i7m2t7t1:topic:orders',
    datacontenttype: 'application/json; charset=utf-8',
    time: '2022-06-23T02:49:51.589Z',
    aliyunaccountid: '1642',
    data,
  };
}
