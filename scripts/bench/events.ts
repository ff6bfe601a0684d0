/** The forms of an event: the console connector's own format, and the Kafka trigger's CloudEvents and RawData. */
export type Form = 'connector' | 'CloudEvents' | 'RawData';

/** What values hold: prose of one byte a character in UTF-8, or of three, or many small members, whose quotes are all escaped in the event. */
export type Content = 'English' | 'Chinese' | 'JSON';

/** What an event is made of. */
export interface EventShape {
  readonly form: Form;
  readonly content: Content;
  /** In bytes of UTF-8. */
  readonly valueSize: number;
  readonly records: number;
}

interface KafkaRecord {
  readonly key: string;
  readonly offset: number;
  readonly value: string;
}

export const forms: readonly Form[] = ['connector', 'CloudEvents', 'RawData'];
export const contents: readonly Content[] = ['English', 'Chinese', 'JSON'];

const topic = 'elasticsearch-test-input';
const partition = 3;
/** So many digits that all records are equally long. */
const firstOffset = 1_000_000;
const timestamp = 1_795_441_506_064;

const fillings: Readonly<Record<Content, { readonly text: string; readonly bytesPerCharacter: number }>> = {
  English: {
    text: 'The parcel left the warehouse in Hangzhou this morning and is expected at the door of the customer in three days. ',
    bytesPerCharacter: 1,
  },
  Chinese: { text: '包裹今天早上已从杭州仓库发出，预计三天之内送到客户手中，如有任何问题请随时联系客服人员。', bytesPerCharacter: 3 },
  JSON: { text: '{"sku":"A-17","count":2,"price":12.50,"gift":false,"tags":["new","blue"]},', bytesPerCharacter: 1 },
};

const encoders: Readonly<Record<Form, (record: KafkaRecord) => object>> = {
  connector: encodeConnectorRecord,
  CloudEvents: encodeCloudEvent,
  RawData: encodeRawData,
};

/** In bytes, of a synchronous invocation: https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage */
const maxBodyBytes = 32 * 1024 * 1024;
/** Enough to know how long a record of a shape is. */
const sampleRecords = 1000;

/** An event of records whose offsets follow each other, so that every document has an id of its own. */
export function makeEvent({ form, content, valueSize, records }: EventShape): Buffer {
  const elements = Array.from({ length: records }, (_, index) => {
    const value = makeValue(index, content, valueSize);
    return JSON.stringify(encoders[form]({ key: `order-${firstOffset + index}`, offset: firstOffset + index, value }));
  });
  return Buffer.from(`[${elements.join(',')}]`);
}

/** The largest event of the shape that Function Compute takes. */
export function largestEvent(shape: Omit<EventShape, 'records'>): { readonly json: Buffer; readonly records: number } {
  const recordSize = makeEvent({ ...shape, records: sampleRecords }).length / sampleRecords;
  const records = Math.floor(maxBodyBytes / recordSize);
  return { json: makeEvent({ ...shape, records }), records };
}

/** A JSON object as text, about `size` bytes long, as most topics carry. */
export function makeValue(index: number, content: Content, size: number): string {
  const start = `{"order":${firstOffset + index},"status":"sent",`;
  const filling = content === 'JSON' ? fillWithMembers : fillWithProse;
  return `${start}${filling(index, content, size - start.length)}}`;
}

function fillWithProse(index: number, content: Content, size: number): string {
  const { text, bytesPerCharacter } = fillings[content];
  const length = Math.max(0, Math.floor((size - '"note":""}'.length) / bytesPerCharacter));
  const shift = index % text.length;
  return `"note":"${text.repeat(Math.ceil(length / text.length) + 1).slice(shift, shift + length)}"`;
}

function fillWithMembers(_index: number, content: Content, size: number): string {
  const { text } = fillings[content];
  const items = text.repeat(Math.max(1, Math.floor((size - '"items":[]}'.length) / text.length)));
  return `"items":[${items.slice(0, -1)}]`;
}

/** https://github.com/AliwareMQ/aliyun-kafka-connectors/tree/master/kafka-connect-fc */
function encodeConnectorRecord({ key, offset, value }: KafkaRecord): object {
  return { key, offset, overflowFlag: false, partition, timestamp, topic, value, valueSize: value.length };
}

/** https://help.aliyun.com/zh/functioncompute/fc/user-guide/formats-of-event-for-different-triggers */
function encodeCloudEvent(record: KafkaRecord): object {
  return {
    specversion: '1.0',
    id: `8e215af8-ca18-4249-8645-f96c1026${record.offset}`,
    source: 'acs:alikafka',
    type: 'alikafka:Topic:Message',
    subject: `acs:alikafka_pre-cn-i7m2t7t1z003:topic:${topic}`,
    datacontenttype: 'application/json; charset=utf-8',
    time: new Date(timestamp).toISOString(),
    aliyunaccountid: '1234567890123456',
    data: encodeRawData(record),
  };
}

function encodeRawData({ key, offset, value }: KafkaRecord): object {
  return { topic, partition, offset, timestamp, headers: { headers: [], isReadOnly: false }, key, value };
}
