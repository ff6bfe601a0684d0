import { behaviour, other, type Suite, same, tests, unit } from './behaviour.ts';
import * as why from './why.ts';

/** Aiven's connector for OpenSearch. */
export const aiven: readonly Suite[] = [
  {
    name: 'Bulk requests (BulkProcessorTest)',
    behaviours: [
      same(
        'batchingAndLingering',
        'a request holds as many operations as is allowed',
        unit('elasticsearch/batch', 'requests hold the lines in their order, as many as the limits allow, whatever was expected'),
        tests('scripts/local/stream/stream.servers.test', 'a batch waits for its count, or for its time'),
      ),
      same(
        'flushing',
        'everything is written before success is claimed',
        behaviour('result.servers', 'the answer is the eight numbers, and each kind of record has its own'),
      ),
      other('addBlocksWhenBufferFull', 'putting one more waits while the buffer is full, and fails after a while', why.noBuffer),
      same(
        'retryableErrors',
        'operations that are refused for now are sent again',
        behaviour('retriable', 'an item %s is sent again, alone'),
      ),
      same(
        'retryableErrorsHitMaxRetries',
        'once the retries are used up the work fails',
        behaviour('retriable', 'an item %s for ever is ElasticsearchUnavailable under %s, and hands nothing over'),
      ),
      same(
        'nonRetryableErrors',
        'what is refused for good is not sent again',
        behaviour('rejected-record', 'an item 400 %s is one rejected record and one error line, and is handed over'),
        behaviour('target-fault', '%s under %s is thrown under its name, and no record is handed over'),
      ),
      same(
        'failOnMalformedDoc; ignoreOrWarnOnMalformedDoc',
        'a record that does not fit fails the work, or is passed over',
        behaviour(
          'rejected-record.servers',
          'a mapping conflict rejects its record alone, and hands it over as it was',
          'a mapping conflict under stop: the others are written, then RecordsRejected names the position and no content',
        ),
      ),
      same(
        'failOnVersionConfict; ignoreOnVersionConfict',
        'a conflict of versions fails nothing that is newer already',
        behaviour('write-mode.servers', 'a stale version changes nothing and is named in one warning'),
      ),
      same(
        'reportToDlqWhenMalformedDocBehaviorIsReport',
        'a record that does not fit is reported, with what happened',
        behaviour(
          'error-destination-topic.servers',
          'a rejected record keeps its key, value and timestamp, and ten headers tell what happened',
        ),
      ),
      other(
        'reportToDlqWhenVersionConflictBehaviorIsReport',
        'a record that is older than its document is reported',
        'it is no failure: something newer is there. It is counted as unchanged and named in one warning (test: "a stale version changes nothing and is named in one warning")',
      ),
      same(
        'doNotReportToDlqWhenReportIsNotConfigured',
        'without a place for reports nothing is reported',
        behaviour('error-destination-topic.servers', 'under stop nothing is handed over'),
      ),
    ],
  },
];

/** Logstash's output for Elasticsearch. */
export const logstash: readonly Suite[] = [
  {
    name: 'Retries (spec/integration/outputs/retry_spec.rb)',
    behaviours: [
      same(
        'should retry exactly once if all bulk actions are successful; retry exceptions within the submit body',
        'a request that has failed on its way is sent again, and no more once it has succeeded',
        behaviour('retriable', '%s, then a success: both operations were sent again'),
      ),
      same(
        'should retry actions with response status of 503',
        'operations that are refused for now are sent again, and no others',
        behaviour('retriable', 'an item %s is sent again, alone'),
      ),
      same(
        'should retry an event infinitely until a non retryable status occurs',
        'an operation is sent again until its answer is final, also when that is a refusal',
        behaviour('retriable', 'an operation that is refused for now, and then for good, is one rejected record'),
      ),
      same(
        'should sleep for an exponentially increasing amount of time on each retry, capped by the max',
        'waits between tries double up to a limit',
        tests('shared/retry.test', 'waits double from the first to the longest'),
      ),
      same(
        'non-retryable errors like mapping errors (400) should be dropped and not be retried (unfortunately)',
        'a record that does not fit is not sent again; here it is kept as well',
        behaviour('rejected-record', 'an item 400 %s is one rejected record and one error line, and is handed over'),
      ),
      same(
        'successful requests should not be appended to retry queue; should only index proper events',
        'what has been written is not sent again because of others',
        behaviour(
          'retriable',
          'a written, a deleted, a stale, a refused, a keyless and a busy record in one batch: each has its own outcome',
        ),
      ),
    ],
  },
  {
    name: 'Indexing (index_spec.rb, compressed_indexing_spec.rb, create_spec.rb, data_stream_spec.rb, routing_spec.rb, ingest_pipeline_spec.rb, templates_spec.rb, unsupported_actions_spec.rb)',
    behaviours: [
      same(
        'should send in two batches; should send in one batch',
        'a batch that is too large for one request becomes two',
        behaviour('batching.servers', 'batches of %j leave nothing out'),
        behaviour('split.faults', 'requests over the limit of the server (413) are split until they fit'),
      ),
      same(
        "should index successfully when field is resolved; should doesn't create an index name with unresolved placeholders",
        'no index gets a name with a placeholder in it',
        tests('shared/settings.test', '%s = %s is refused, with what is allowed'),
        behaviour(
          'index-name.servers',
          'a timestamp that gives no date is a rejected record where the index is named by date; the clock is not used',
        ),
      ),
      same(
        'sets the bulk path URL and filter path parameter correctly; receives a filtered response',
        'only what is needed of an answer is asked for',
        behaviour('batching', 'of the answer only what tells each outcome is asked for'),
      ),
      same(
        'ships events; sets the correct content-encoding header and body is compressed',
        'what is compressed says so, and arrives whole',
        behaviour('compression', 'the compression %s is what goes over the wire'),
        behaviour('compression.servers', 'compressed requests arrive whole'),
      ),
      same(
        'fails to establish TLS; does not ship events',
        'without trust nothing is sent',
        unit('elasticsearch/tls', '%s is refused at once, and not one byte is sent'),
      ),
      same(
        'should create new documents with or without id; creates a new document',
        'documents are created, with an id or without',
        behaviour('write-mode.servers', 'what create finds there already is unchanged, without a warning'),
        behaviour(
          'document-id.servers',
          'Elasticsearch makes the ids where they are automatic, a second one for a record that comes again',
        ),
      ),
      same(
        'should not allow external version',
        'create and upsert take no version',
        tests('shared/settings.test', 'settings that exclude each other are refused, with what is allowed: %s'),
      ),
      same(
        'index events with static routing; index events with fieldref in routing value',
        'documents are routed',
        behaviour('routing.servers', 'the key is the routing, and a record without key has none'),
      ),
      same(
        'indexes using the proper pipeline',
        'documents go through the pipeline',
        behaviour('pipeline.servers', 'documents go through the pipeline'),
      ),
      same(
        'loads the templates',
        'a mapping that suits the records is there before the first of them',
        behaviour(
          'index-creation.servers',
          "a user's template of %s decides about the index",
          "the index is created with the envelope's fields, and no first value can refuse the later ones",
        ),
      ),
      other(
        'should reject unsupported doc',
        'an action that is none is refused, and the others are done',
        'the action is a setting (`WRITE_MODE`), not a field of the record, so that no record can choose it',
      ),
    ],
  },
  {
    name: 'Versions, updates and deletes (index_version_spec.rb, delete_spec.rb, update_spec.rb, painless_update_spec.rb)',
    behaviours: [
      same(
        'should default to ES version',
        'without versions the last write decides',
        behaviour('write-mode.servers', 'without versions the last write wins'),
      ),
      same(
        'should respect the external version; should ignore non-monotonic external version updates; should commit monotonic external version updates',
        'an older version changes nothing, neither by a write nor by a delete',
        behaviour(
          'write-mode.servers',
          'a stale version changes nothing and is named in one warning',
          'the last of one batch wins by its offset, whatever its place',
        ),
        behaviour('null-value.servers', 'an older record does not bring back what was deleted'),
      ),
      same(
        'should fail without a document_id',
        'an upsert needs an id',
        tests('shared/settings.test', 'settings that exclude each other are refused, with what is allowed: %s'),
      ),
      same(
        'should create new documents with event/doc as upsert; should update existing document',
        'an upsert makes what is missing and merges what is there',
        behaviour('write-mode.servers', 'upsert merges, and one that changes nothing is written'),
      ),
      other(
        'should not create new document',
        'an update of what is missing makes nothing',
        'there is no update without upsert: what is missing would be a record that is nowhere',
      ),
      other(
        "should increment a counter with event/doc 'count' variable with indexed script",
        'a script changes the document',
        'delivery is at least once, and a script that counts would count a redelivery; a pipeline may hold a script, which sees the new document alone',
      ),
    ],
  },
  {
    name: 'Start, metrics and nodes (no_es_on_startup_spec.rb, metrics_spec.rb, sniffer_spec.rb)',
    behaviours: [
      same(
        'should ingest events when Elasticsearch recovers before documents are sent; should ingest events when Elasticsearch recovers after documents are sent',
        'a server that is not there at the start is waited for, and nothing is lost',
        behaviour('version', 'a server that %s when it is asked for its version is asked again by the next invocation'),
        behaviour('no-response', 'a record alone in its batch is written when the server comes back after a while'),
      ),
      same(
        'increases successful bulk request metric; increases number of successful inserted documents; increases number of successful and non retryable documents',
        'what was written and what was not is counted',
        behaviour('result.servers', 'the answer is the eight numbers, and each kind of record has its own'),
        behaviour('log.servers', 'every line of the log is one JSON object, and an invocation has one with its numbers'),
      ),
      other(
        'should execute a sniff without error; should return the correct sniff URLs',
        'the nodes of the cluster are found out',
        'Alibaba Cloud Elasticsearch is reached by one address, behind which its nodes are; several endpoints may be named (test: "a node that is gone does not keep records from the other node")',
      ),
    ],
  },
];

/** Elastic's client for JavaScript, whose helper for bulk requests many functions use. */
export const elasticsearchJs: readonly Suite[] = [
  {
    name: 'The helper for bulk requests (test/unit/helpers/bulk.test.ts)',
    behaviours: [
      same(
        'Should perform a bulk request; Should perform a bulk request (with concurrency)',
        'all documents are sent, in several requests at a time',
        behaviour('batching', 'bulk requests at a time: %s'),
      ),
      same(
        'Should perform a bulk request (retry)',
        'what is refused with 429 is sent again',
        behaviour('retriable.faults', 'operations that a full queue refuses (item 429) are sent again until each is there once'),
      ),
      same(
        'Should perform a bulk request (retry a single document from batch)',
        'only the operation that was refused is sent again',
        behaviour('retriable', 'an item %s is sent again, alone'),
      ),
      same(
        'Should perform a bulk request (failure)',
        'a document that is refused is told, with the reason',
        behaviour('rejected-record', 'an item 400 %s is one rejected record and one error line, and is handed over'),
      ),
      same(
        'Server error',
        'a server that fails ends the work with its error',
        behaviour('whose-fault', 'a 500 of all records is told as it is, after three tries, and rejects none'),
      ),
      same(
        'Should abort a bulk request',
        'work that is ended sends no more',
        behaviour('deadline', 'after %s in one request and silence in others, none is on its way once the handler has thrown'),
      ),
      same(
        'Should call onDrop on the correct document when doing a mix of operations that includes deletes',
        'where deletes and documents are mixed, each failure is told of its own record',
        behaviour(
          'retriable',
          'a written, a deleted, a stale, a refused, a keyless and a busy record in one batch: each has its own outcome',
        ),
      ),
      same(
        'Should track the number of noop results',
        'an update that changes nothing is no failure',
        behaviour('write-mode', 'an upsert that changes nothing is written'),
      ),
      same(
        'flush timeout does not lock process when flushInterval is less than server timeout; flush timeout does not lock process when flushInterval is greater than server timeout; flush timeout does not lock process when flushInterval is equal to server timeout',
        'a slow answer does not hold the work for ever',
        behaviour('no-response', 'a server that has become slow, so that a try is cut off, rejects no record'),
        behaviour('deadline', 'a body that stalls never reaches past the deadline either'),
      ),
      other(
        'Slow producer',
        'what has waited long enough is sent',
        'the trigger closes a batch by its time (`batchWindow`), before the function sees it',
      ),
      other(
        'datasource as stream; datasource as async generator; onFlush is called after each bulk flush; should call onSuccess callback for each indexed document',
        'documents come from any source, and callbacks tell of each',
        'this is no library: records come in events, and the result and the log tell of them',
      ),
    ],
  },
];

/** Vector's sink for Elasticsearch. */
export const vector: readonly Suite[] = [
  {
    name: 'The sink on real servers (src/sinks/elasticsearch/integration_tests.rs)',
    behaviours: [
      same(
        'auto_version_http; auto_version_https',
        'the version of the server is read',
        behaviour('version', 'Elasticsearch %s is taken, and not asked twice'),
      ),
      other(
        'auto_version_aws; insert_events_on_aws; insert_events_on_aws_with_compression',
        "requests are signed as AWS's",
        'requests to Alibaba Cloud Elasticsearch are not signed: they carry user and password, or an API key',
      ),
      same(
        'insert_events_over_http; structures_events_correctly',
        'every record is there, as it was',
        behaviour('event-formats.servers', "a record of the connector's own format arrives byte for byte"),
      ),
      same(
        'insert_events_over_https',
        'every record is there by TLS',
        behaviour('tls', 'five invocations write to a server that resumes TLS sessions, known by the fingerprint of its authority'),
      ),
      same(
        'insert_events_over_http_with_gzip_compression',
        'every record is there when requests are compressed',
        behaviour('compression.servers', 'compressed requests arrive whole'),
      ),
      same(
        'insert_events_with_data_volume',
        'large records are there',
        behaviour('memory.servers', 'an event of 32 MB fits: %s', 'requests of any size fit: %j'),
      ),
      same(
        'insert_events_with_failure; insert_events_with_failure_and_gzip_compression',
        'a record that does not fit is told, and the others are there (there the whole batch counts as failed)',
        behaviour('rejected-record.servers', 'a mapping conflict rejects its record alone, and hands it over as it was'),
      ),
      same(
        'insert_events_in_data_stream',
        'records become documents of a data stream',
        behaviour(
          'data-stream.servers',
          'a template makes a data stream of a name that is not there yet, and each document gets the time of its record',
        ),
      ),
      same(
        'distributed_insert_events; distributed_insert_events_failover',
        'of several endpoints one may be gone',
        behaviour('retriable', 'a node that is gone does not keep records from the other node'),
      ),
      same(
        'ensure_pipeline_in_params; ensure_empty_pipeline_not_in_params',
        'the pipeline is named where there is one, and only there',
        behaviour('pipeline.servers', 'documents go through the pipeline'),
        behaviour('batching', 'of the answer only what tells each outcome is asked for'),
      ),
    ],
  },
];

/** Redpanda Connect's outputs for Elasticsearch and OpenSearch. */
export const redpanda: readonly Suite[] = [
  {
    name: 'The outputs on real servers (internal/impl/elasticsearch/v9/integration_test.go, internal/impl/opensearch/integration_test.go)',
    behaviours: [
      same(
        'index; create; upsert; delete',
        'a record is indexed, created, upserted or deleted',
        behaviour(
          'write-mode.servers',
          'without versions the last write wins',
          'what create finds there already is unchanged, without a warning',
          'upsert merges, and one that changes nothing is written',
        ),
        behaviour('null-value.servers', 'records without value delete; what is not there, or newer, is unchanged'),
      ),
      other(
        'update',
        'a document is updated by a script or a part of it',
        'a part is merged by `WRITE_MODE=upsert`; a script would count a redelivery twice',
      ),
      same(
        'output_valid; output_invalid; TestOpenSearchConnect',
        'a connection is tried before anything is sent',
        behaviour(
          'command-check.servers',
          'check finds nothing wrong with a healthy server, and changes nothing',
          'check names %s, and what to do',
        ),
      ),
      same(
        'TestOpenSearchNoIndex',
        'an index that is missing is made, or told',
        behaviour('target-fault.servers', 'a missing index that is not to be created is IndexMissing'),
      ),
      same(
        'TestOpenSearchParallelWrites',
        'writers at the same time lose nothing',
        behaviour('index-creation.servers', 'instances that create the same index at the same time all write'),
      ),
      same(
        'TestOpenSearchErrorHandling',
        'of several records one fails, and that one is told',
        behaviour('rejected-record.servers', 'an element with %s is a rejected record, named as far as it can be read'),
      ),
      same(
        'TestOpenSearchWriteBatchUnreachable',
        'a server that cannot be reached acknowledges nothing',
        behaviour('retriable', 'a server that cannot be reached is ElasticsearchUnavailable at the deadline'),
      ),
      same(
        'TestOpenSearchIndexInterpolation',
        'the record chooses its index',
        behaviour('index-name.servers', 'an index pattern takes the topic, in lower case, and the date of the record in UTC'),
      ),
      same(
        'TestOpenSearchBatch; TestOpenSearchBatchDelete',
        'several records, and several deletes, in one request',
        behaviour('null-value.servers', 'records without value delete; what is not there, or newer, is unchanged'),
      ),
      same(
        'TestOpenSearchBatchIDCollision',
        'several records of one id in one batch: the last decides',
        behaviour('write-mode.servers', 'the last of one batch wins by its offset, whatever its place'),
      ),
    ],
  },
];
