import fc from 'fast-check';
import { readSettings } from '../../../shared/settings.ts';
import type { Variables } from './built-function.ts';
import { password } from './outcome.ts';

const base: Variables = {
  CONNECTOR_NAME: 'demo',
  ES_ENDPOINT: '127.0.0.1',
  ES_PASSWORD: password,
  RETRY_BACKOFF_MS: '1',
  RETRY_MAX_BACKOFF_MS: '2',
  DEADLINE_RESERVE_MS: '20',
};

const choices: { readonly [name: string]: readonly string[] } = {
  DOCUMENT_SHAPE: ['envelope', 'value', 'value-with-metadata'],
  DOCUMENT_ID: ['position', 'key', 'auto'],
  DOCUMENT_VERSION: ['', '', 'none', 'offset'],
  DOCUMENT_ID_PREFIX: ['', '', 'again-', '"}\\u000a'],
  WRITE_MODE: ['index', 'create', 'upsert'],
  NULL_VALUE: ['', 'index', 'delete', 'skip', 'reject'],
  ES_ROUTING: ['none', 'key'],
  ES_INDEX: ['demo', 'logs-${topic}', '${topic}', 'logs-{yyyy.MM.dd}', 'x-${topic}-{yyyy}'],
  ES_COMPRESSION: ['none', 'none', 'none', 'gzip'],
  ES_PIPELINE: ['', '', 'a b/?&é'],
  ON_FAILURE: ['continue', 'stop'],
  ERROR_INDEX: ['', 'errors'],
  CREATE_INDEX: ['true', 'false'],
  BATCH_MAX_RECORDS: ['1', '2', '2000'],
  SKIP_POSITIONS: ['', '', 'orders+0+0,orders+7+7'],
  LOG_LEVEL: ['info', 'debug'],
};

function isValid(variables: Variables): boolean {
  try {
    readSettings(variables);
    return true;
  } catch {
    return false;
  }
}

/** Settings of the function that are allowed together. */
export const validSettings: fc.Arbitrary<Variables> = fc
  .record(Object.fromEntries(Object.entries(choices).map(([name, values]) => [name, fc.constantFrom(...values)])))
  .map((chosen) => ({ ...base, ...chosen }))
  .filter(isValid);
