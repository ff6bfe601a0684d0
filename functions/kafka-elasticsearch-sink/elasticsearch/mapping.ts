import type { Settings } from '../../../shared/settings.ts';

/** As dynamic mapping makes them, so that queries keep working; a text never refuses a value. */
const text = { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } };
const keyword = { type: 'keyword', ignore_above: 256 };
const number = (type: 'integer' | 'long') => ({ type, ignore_malformed: true });
const time = { type: 'date', format: 'epoch_millis', ignore_malformed: true };

const envelope = {
  msg_body: {
    properties: {
      key: text,
      offset: number('long'),
      overflowFlag: { type: 'boolean' },
      partition: number('integer'),
      timestamp: time,
      topic: text,
      value: text,
      valueSize: number('long'),
    },
  },
  doc_as_upsert: { type: 'boolean' },
};

const metadata = {
  kafka: {
    properties: {
      topic: keyword,
      partition: number('integer'),
      offset: number('long'),
      timestamp: time,
      key: keyword,
      headers: { type: 'object', enabled: false },
    },
  },
};

/**
 * The body that creates an index for documents: what this package writes is mapped explicitly, and a text that looks like a date does not
 * make its field one, which would refuse every later text that does not.
 */
export function documentIndex({ DOCUMENT_SHAPE }: Settings): object {
  const properties = { envelope, value: {}, 'value-with-metadata': metadata }[DOCUMENT_SHAPE];
  return { mappings: { date_detection: false, properties } };
}

/** The body that creates `ERROR_INDEX`: no value can poison it, since nothing is mapped by what comes. */
export const errorIndex = {
  mappings: {
    dynamic: false,
    properties: {
      '@timestamp': { type: 'date' },
      topic: keyword,
      partition: number('integer'),
      offset: number('long'),
      key: keyword,
      value: { type: 'text', index: false },
      valueOmitted: { type: 'boolean' },
      error: { properties: { type: keyword, reason: { type: 'text' } } },
    },
  },
};
