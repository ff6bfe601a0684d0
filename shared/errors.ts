import { printable } from './printable.ts';

interface Explanation {
  readonly cause: string;
  /** Whether the trigger's redelivery of the batch can help. */
  readonly isRetriable: boolean;
  readonly remedy: string;
}

/** Every error that the function throws. The name is what Function Compute reports as `errorType`. */
export const failures = {
  EventInvalid: {
    cause: 'the event is not a UTF-8 JSON array of records, nor a known command',
    isRetriable: false,
    remedy: 'let the Kafka trigger or the Function Compute sink connector send the events',
  },
  SettingsInvalid: {
    cause: 'an environment variable of the function is missing, wrong, unknown or excluded by another',
    isRetriable: false,
    remedy: 'correct the variables named in the message',
  },
  ElasticsearchUnavailable: {
    cause: 'Elasticsearch did not take every record: no answer until the deadline, 408, 429, 5xx, a block, or not an answer of its own',
    isRetriable: true,
    remedy: 'none while it heals, the batch is delivered again; if it stays, look at the reason in the message',
  },
  ElasticsearchTlsFailed: {
    cause:
      "TLS with the server fails in a way that no retry helps: the wrong protocol, or the server's certificate is not trusted, out of date or another host's",
    isRetriable: false,
    remedy: 'correct `ES_PROTOCOL`, `ES_CA`, `ES_CA_FINGERPRINT` or the certificate, as the message says',
  },
  ElasticsearchUnauthorized: {
    cause: 'user and password, or the API key, are not accepted (401)',
    isRetriable: false,
    remedy: 'correct `ES_USERNAME` and `ES_PASSWORD`, or `ES_API_KEY`',
  },
  ElasticsearchForbidden: {
    cause: 'the account may not write to the index (403)',
    isRetriable: false,
    remedy: 'give the account the privilege `write` on the index, and `create_index` or set `CREATE_INDEX=false`',
  },
  ElasticsearchUnsupported: {
    cause: 'the server is older than Elasticsearch 7.0',
    isRetriable: false,
    remedy: 'upgrade it, or point `ES_ENDPOINT` to another',
  },
  IndexMissing: {
    cause: 'the index does not exist and is not to be created',
    isRetriable: false,
    remedy:
      'create what the message names; what was never an alias or a data stream is made with `CREATE_INDEX=true`, by an account that may',
  },
  IndexUnavailable: {
    cause:
      'the index cannot be written: closed, at the limit of shards, without its pipeline or write index, a data stream or time series index that the settings do not fit, a mapping that requires routing, or the address is not that of Elasticsearch',
    isRetriable: false,
    remedy: 'mend what the message names',
  },
  RecordsRejected: {
    cause: 'records of the batch can never be written and `ON_FAILURE` is `stop`; the others are written',
    isRetriable: false,
    remedy:
      'correct the mapping of the index, or pass over the positions in the message with `s resume --skip`, which sets `SKIP_POSITIONS`',
  },
  ErrorDestinationUnavailable: {
    cause: 'a rejected record could not be handed to the error destination',
    isRetriable: true,
    remedy: 'mend the error destination; the batch is delivered again',
  },
  KafkaUnavailable: {
    cause: 'the brokers did not answer, or refused what was asked; delivery needs them for `OVERFLOW=fetch` alone',
    isRetriable: true,
    remedy:
      'compare `KAFKA_BOOTSTRAP_SERVERS`, `KAFKA_SECURITY_PROTOCOL` and the user with the instance; the function must be in its VPC or have a route to it',
  },
} as const satisfies { readonly [name: string]: Explanation };

export type FailureName = keyof typeof failures;

/** Why one record can never be written, as this package sees it; Elasticsearch adds its own types, such as `mapper_parsing_exception`. */
export const rejections = {
  bad_element: 'the element of the event is not a record: no object, or a topic, partition, offset, key or value of a wrong type',
  value_not_in_event:
    'the record was too large for an event (`overflowFlag`), so its value is not there, and it was not to be fetched or is not in the topic any more',
  null_value: 'the record has no value, and `NULL_VALUE` is `reject`',
  value_not_an_object: 'the value is not one JSON object',
  value_too_deep: 'the value is nested deeper than 900 levels, which Elasticsearch may neither take nor refuse',
  field_conflict: "the value has a field `kafka`, or one that begins with `kafka.`, of its own, where the record's metadata would go",
  key_missing: 'the record has no key, and `DOCUMENT_ID` is `key`',
  key_not_utf8:
    'the key was not UTF-8 (U+FFFD, or half a character, stands where its bytes were lost), so that different keys may have become one, and `DOCUMENT_ID` is `key`',
  id_too_long: 'the id of the document would be longer than 512 bytes',
  index_name_invalid:
    "the record's topic would make an index name that Elasticsearch does not take, or one of its own, which begin with a dot",
  timestamp_invalid: "the record's timestamp, which the index name needs, is not an integer (ms) within the years 1970 to 9999",
  too_large: 'the record is too large for a request of its own',
  request_refused: 'Elasticsearch refuses any request with this record in it, and takes others',
  request_unanswered: 'no request with this record in it is answered by Elasticsearch, and others are',
  failure_store: "the data stream did not take the document; it is in the stream's failure store",
} as const;

export type RejectionType = keyof typeof rejections;

/** An error of the closed list above; its message, of one or more lines, never holds a secret or a record's content, nor what drives a terminal. */
export class Failure extends Error {
  override readonly name: FailureName;

  constructor(name: FailureName, ...lines: readonly string[]) {
    super(lines.map(printable).join('\n'));
    this.name = name;
  }
}
