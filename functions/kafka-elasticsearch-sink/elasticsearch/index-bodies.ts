import type { estypes } from '@elastic/elasticsearch';
import type { Settings } from '../../../shared/settings.ts';
import type { IndexBody } from './targets.ts';

type Properties = { readonly [field: string]: estypes.MappingProperty };

/** Texts are mapped as dynamic mapping does, so that queries keep working; they never refuse a value. */
const text = { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } } as const;
const keyword = { type: 'keyword', ignore_above: 256 } as const;
const number = (type: 'integer' | 'long') => ({ type, ignore_malformed: true }) satisfies estypes.MappingProperty;
const time = { type: 'date', format: 'epoch_millis', ignore_malformed: true } as const;

const envelope: Properties = {
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

const metadata: Properties = {
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
export function documentIndexBody({ DOCUMENT_SHAPE }: Settings): IndexBody {
  const properties: Properties = { envelope, value: {}, 'value-with-metadata': metadata }[DOCUMENT_SHAPE];
  return { mappings: { date_detection: false, properties } };
}

/** The body that creates `ERROR_INDEX`: no value can poison it, since nothing is mapped by what comes. */
export const errorIndexBody: IndexBody = {
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
      timestampOmitted: { type: 'boolean' },
      attempts: number('integer'),
      error: { properties: { type: keyword, reason: { type: 'text' } } },
    },
  },
};
