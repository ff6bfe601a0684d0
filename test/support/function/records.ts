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

/** The record of that offset in the first partition of orders. */
export const at = (offset: number, changes: object = {}) => connectorRecord({ topic: 'orders', partition: 0, offset, ...changes });

/** The first records of that partition. */
export const records = (count: number, changes: object = {}) => Array.from({ length: count }, (_, offset) => at(offset, changes));

/** The id of the document that such a record becomes. */
export const id = (offset: number) => `orders+0+${offset}`;

/** The event that holds these values. */
export function eventOf(...elements: readonly unknown[]): Buffer {
  return Buffer.from(JSON.stringify(elements));
}

/** The event of these elements: objects or, for what JSON.stringify cannot write, JSON text. */
export function eventFrom(...elements: readonly (string | object)[]): Buffer {
  const texts = elements.map((element) => (typeof element === 'string' ? element : JSON.stringify(element)));
  return Buffer.from(`[${texts.join(',')}]`);
}

/** One record as the trigger writes it today, as `data` alone, and as it wrote it before 2023-02-15; `data` is JSON text. */
export const triggerForms = {
  cloudEvent: (data: string) =>
    `{"specversion":"1.0","id":"8e215af8","source":"acs:alikafka","type":"alikafka:Topic:Message","data":${data}}`,
  string: (data: string) => JSON.stringify(triggerForms.cloudEvent(data)),
  rawData: (data: string) => data,
};

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
