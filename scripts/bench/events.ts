/** The two forms of an event that the benchmark sends: the connector's own format, and the CloudEvents of the Kafka trigger. */
export type Form = 'connector' | 'CloudEvents';

/** The language of the values: one that UTF-8 writes with one byte a character, and one with three. */
export type Language = 'English' | 'Chinese';

/** What an event is made of. */
export interface EventShape {
  readonly form: Form;
  readonly language: Language;
  /** The size of a record's value, in bytes of UTF-8. */
  readonly valueSize: number;
  readonly records: number;
}

interface KafkaRecord {
  readonly key: string;
  readonly offset: number;
  readonly value: string;
}

const topic = 'elasticsearch-test-input';
const partition = 3;
/** The first offset, with so many digits that all records are equally long. */
const firstOffset = 1_000_000;
const timestamp = 1_795_441_506_064;

const prose: Readonly<Record<Language, string>> = {
  English: 'The parcel left the warehouse in Hangzhou this morning and is expected at the door of the customer in three days. ',
  Chinese: '包裹今天早上已从杭州仓库发出，预计三天之内送到客户手中，如有任何问题请随时联系客服人员。',
};
const bytesOfCharacter: Readonly<Record<Language, number>> = { English: 1, Chinese: 3 };

const encoders: Readonly<Record<Form, (record: KafkaRecord) => object>> = { connector: encodeRecord, CloudEvents: encodeCloudEvent };

/** The largest body of a synchronous invocation: https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage */
const maxBodyBytes = 32 * 1024 * 1024;
/** Enough to know how long a record of a shape is. */
const sampleRecords = 1000;

/** An event of records whose offsets follow each other, so that every document has an id of its own. */
export function makeEvent({ form, language, valueSize, records }: EventShape): Buffer {
  const text = prose[language].repeat(Math.ceil(valueSize / prose[language].length) + 1);
  const elements = Array.from({ length: records }, (_, index) => {
    const value = makeValue(index, text, valueSize, language);
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

/** A JSON object in a text, as most topics carry; its quotes are escaped in the event. */
function makeValue(index: number, text: string, size: number, language: Language): string {
  const start = `{"order":${firstOffset + index},"status":"sent","note":"`;
  const end = '"}';
  const length = Math.floor((size - start.length - end.length) / bytesOfCharacter[language]);
  const shift = index % prose[language].length;
  return `${start}${text.slice(shift, shift + length)}${end}`;
}

/** https://github.com/AliwareMQ/aliyun-kafka-connectors/tree/master/kafka-connect-fc */
function encodeRecord({ key, offset, value }: KafkaRecord): object {
  return { key, offset, overflowFlag: false, partition, timestamp, topic, value, valueSize: value.length };
}

/** https://help.aliyun.com/zh/functioncompute/fc/user-guide/formats-of-event-for-different-triggers */
function encodeCloudEvent({ key, offset, value }: KafkaRecord): object {
  return {
    specversion: '1.0',
    id: `8e215af8-ca18-4249-8645-f96c1026${offset}`,
    source: 'acs:alikafka',
    type: 'alikafka:Topic:Message',
    subject: `acs:alikafka_pre-cn-i7m2t7t1z003:topic:${topic}`,
    datacontenttype: 'application/json; charset=utf-8',
    time: new Date(timestamp).toISOString(),
    aliyunaccountid: '1234567890123456',
    data: { topic, partition, offset, timestamp, headers: { headers: [], isReadOnly: false }, key, value },
  };
}
