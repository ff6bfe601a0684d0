import { behaviour, component, other, type Suite, same, tests, unit } from './behaviour.ts';
import * as why from './why.ts';

const connector: Suite = {
  name: 'The connector on real servers (ElasticsearchConnectorIT, ElasticsearchConnectorDataFormatIT)',
  behaviours: [
    same(
      'testStrictMappings',
      'a field that a strict mapping does not know stops the connector, and the offset of that record is not committed',
      behaviour('rejected-record.servers', "%s is the record's fault: rejected, the others written, one error line without content"),
      tests(
        'scripts/local/connector.servers.test',
        'under stop, a record that can never be written fails its batch, is named in the log, and is never passed over',
      ),
    ),
    same(
      'testBatchByByteSize',
      'requests are closed by their bytes',
      unit('elasticsearch/batch', 'requests hold the lines in their order, as many as the limits allow, whatever was expected'),
      behaviour('batching.servers', 'batches of %j leave nothing out'),
    ),
    same(
      'testStopESContainer',
      'an Elasticsearch that is stopped fails the work once the retries are used up, with the reason',
      behaviour('retriable', 'a server that cannot be reached is ElasticsearchUnavailable at the deadline'),
      tests(
        'scripts/local/connector.faults.test',
        'kill -9 of Elasticsearch in mid-delivery: the function waits for its restart, and every record is there once',
      ),
    ),
    same(
      'testChangeConfigsAndRestart',
      'settings that are changed in mid-life leave nothing out',
      component(
        'deployment/deploy-suite',
        'consumerThreads and index are changed in place, another topic replaces the trigger, the code is not sent again',
      ),
      component('deployment/event-schema.servers.test', 'a trigger is changed to RawData and back, and records become the same documents'),
    ),
    same(
      'testDelete',
      'a record without value deletes the document of its key, and no other',
      behaviour('null-value.servers', 'records without value delete; what is not there, or newer, is unchanged'),
    ),
    same(
      'testHappyPath',
      'every record becomes one document',
      tests('follow-one-record.test', 'the same way, whole: Kafka, the stream, the built package in a process of its own, Elasticsearch'),
      tests('scripts/demo/demo.servers.test', 'npm run demo: starts its servers, prints the document and the counts, and leaves nothing'),
    ),
    same(
      'testHappyPathDataStream',
      'every record becomes one document of a data stream, with a time',
      behaviour('document-shape.servers', 'create adds @timestamp from the record where the document has none'),
      behaviour(
        'data-stream.servers',
        'a template makes a data stream of a name that is not there yet, and each document gets the time of its record',
        'documents of the shape %s are taken',
      ),
      behaviour('audit.servers', 'a data stream is searched, even where it has one index: it has no documents by id'),
    ),
    same(
      'testNullValue',
      'records without value are let pass',
      behaviour('null-value.servers', 'records without value follow NULL_VALUE: %s'),
    ),
    same(
      'testPrimitive',
      'a value that is no object becomes no document',
      behaviour('document-shape.servers', 'a text that is not one JSON object is a rejected record in the shape %s, alone'),
    ),
    same(
      'testUpsert',
      'a part of a document is merged into the one of its key',
      behaviour('write-mode.servers', 'upsert merges, and one that changes nothing is written'),
    ),
    same(
      'testBackwardsCompatibility; testBackwardsCompatibilityDataStream; testBackwardsCompatibilityDataStream2',
      'older servers take the same records',
      behaviour('version', 'Elasticsearch %s is taken, and not asked twice'),
      behaviour('index-creation', 'a node that does not know require_alias gets records without it'),
    ),
    same(
      'testRoutingSmtSynchronousMode',
      'records go to indices by date',
      behaviour('index-name.servers', 'an index pattern takes the topic, in lower case, and the date of the record in UTC'),
    ),
    other(
      'testRoutingSmtAsynchronousMode; testReconfigureToUseRoutingSMT',
      'a transform that renames the topic is refused unless each batch is flushed before the next',
      why.noTransforms,
    ),
    other(
      'testResourceMappingMultipleTopicsToIndices; testResourceMappingMultipleTopicsToDataStreams',
      'each of several topics goes to the resource that is named for it',
      why.noResourceMap,
    ),
    same(
      'testMultiTopicToMultiAliasWithRollover; testMultiTopicToMultiDataStreamAliasWithRollover',
      'once an alias has another write index, new documents go there alone',
      behaviour('index-name.servers', 'once an alias has another write index, new documents go there alone'),
      behaviour('data-stream.servers', 'records are written over a rollover, and what is delivered again after it is there twice'),
    ),
    other('testHappyPathDataFormat', 'records in JSON Schema, Protobuf and Avro', why.noConverters),
  ],
};

const network: Suite = {
  name: 'Faults of the network (ElasticsearchConnectorNetworkIT)',
  behaviours: [
    same(
      'testRetry',
      'a first bulk request that fails with 500 is sent again, and nothing is lost',
      behaviour('retriable', '%s, then a success: both operations were sent again'),
    ),
    same(
      'testConcurrentRequests',
      'as many requests are under way as is allowed, and no more',
      behaviour('batching', 'bulk requests at a time: %s'),
    ),
    same(
      'testReadTimeout',
      'an answer that does not come in time fails the work once the retries are used up',
      behaviour(
        'retriable',
        '%s for ever is ElasticsearchUnavailable, at the deadline and before the end of the function, and hands nothing over',
      ),
      behaviour('deadline', 'the longest time for a request never reaches past the deadline'),
    ),
    same(
      'testTooManyRequests; testServiceUnavailable',
      'requests that are refused with 429 or 503 are sent again, and fail the work once the retries are used up',
      behaviour('retriable', '%s, then a success: both operations were sent again'),
      behaviour(
        'retriable',
        '%s for ever is ElasticsearchUnavailable, at the deadline and before the end of the function, and hands nothing over',
      ),
      behaviour('retriable.faults', 'requests that are refused for memory (429) are sent again until each record is there'),
    ),
    same(
      'testPausePartitions',
      'while a request hangs no more is read than fits, and everything arrives in the end',
      behaviour('memory.servers', 'an event of 32 MB fits: %s'),
      tests('scripts/local/stream/stream.servers.test', 'while a retry waits, the stream keeps its partitions'),
    ),
    same(
      'testPausePartitionsAndFail',
      'a request that hangs and then fails for good fails the work',
      tests(
        'scripts/local/stream/stream.servers.test',
        'under NONE and %s, a function that always fails is called %i times, then the stream is blocked, and start tries again',
      ),
    ),
  ],
};

const task: Suite = {
  name: 'The task on a real server (ElasticsearchSinkTaskIT)',
  behaviours: [
    same(
      'testOffsetCommit',
      'while a request hangs nothing is committed',
      tests(
        'scripts/local/stream/stream.servers.test',
        'a failed push, told by %s, is tried again with the same records, and nothing is committed meanwhile',
        'offsets are committed only after success: %s',
      ),
    ),
    same(
      'testIndividualFailure',
      'of three records one does not fit: passed over where that is wanted, else the work fails and its offset is not committed',
      behaviour(
        'rejected-record.servers',
        'a mapping conflict rejects its record alone, and hands it over as it was',
        'a mapping conflict under stop: the others are written, then RecordsRejected names the position and no content',
      ),
    ),
    same(
      'testConvertDataException',
      'a record whose key cannot be an id is dropped where that is wanted, else the work fails',
      behaviour('document-id.servers', 'a key that cannot be an id is a rejected record, alone'),
      behaviour('rejected-record.servers', 'stop writes the others, hands nothing over, and throws with the positions'),
    ),
    same(
      'testNullValue',
      'records without value are passed over where that is wanted, else the work fails',
      behaviour('null-value.servers', 'records without value follow NULL_VALUE: %s'),
    ),
    same(
      'testPutRetry',
      'records that are delivered a second time are there once',
      behaviour('document-id.servers', 'the position as id has the prefix in front, and redelivery leaves one document'),
    ),
    other('testOffsetsBackpressure', 'reading is paused while too many offsets are open', why.noBuffer),
    same(
      'testRebalance',
      'a partition that another takes over is committed by that one alone',
      tests(
        'scripts/local/stream/stream.servers.test',
        'when a second stream joins the group and leaves again, nothing is lost',
        "a task that waits to retry what has become another task's does not go on with it",
      ),
    ),
  ],
};

const secured: Suite = {
  name: 'TLS and Kerberos (ElasticsearchConnectorSslIT, ElasticsearchClientSslTest, ElasticsearchConnectorKerberosIT, ElasticsearchConnectorKerberosWithSslIT)',
  behaviours: [
    same(
      'testSecureConnectionVerifiedHostname; testSsl',
      'records go through TLS when the authority and the name are right',
      unit('elasticsearch/tls', 'a server is trusted for %s'),
      behaviour('security.secured', 'a server known by %s gets the records'),
    ),
    other(
      'testSecureConnectionHostnameVerificationDisabled',
      'records go through TLS although the name is wrong',
      'no switch turns a check off: a server of another name would get records and password; name the authority by ES_CA or ES_CA_FINGERPRINT, and the host as its certificate does',
    ),
    other('testKerberos; testKerberosWithSsl', 'the client signs in by Kerberos, also within TLS', why.noKerberos),
  ],
};

const client: Suite = {
  name: 'The client on a real server (ElasticsearchClientTest)',
  behaviours: [
    same('testClose', 'closing ends the connections', behaviour('connections', 'preStop closes the connections')),
    same(
      'testCloseFails',
      'closing waits for what is under way, and says when that takes too long',
      behaviour('deadline', 'after %s in one request and silence in others, none is on its way once the handler has thrown'),
    ),
    same(
      'testCreateIndex',
      'a missing index is made',
      behaviour('index-creation.servers', "the index is created with the envelope's fields, and no first value can refuse the later ones"),
    ),
    same(
      'testDoesNotCreateAlreadyExistingIndex; testIndexExists; testIndexDoesNotExist',
      'an index that is there is used as it is',
      behaviour('index-creation.servers', 'an index or alias that is there is used as it is'),
    ),
    same(
      'testCreateExistingDataStream; testCreateNewDataStream',
      'a missing data stream is made once',
      behaviour(
        'data-stream.servers',
        'a template makes a data stream of a name that is not there yet, and each document gets the time of its record',
        'where data streams can only be made by a first document, it makes one',
        'a data stream that vanishes is never made as an index',
      ),
    ),
    other(
      'testCreateMapping; testHasMapping; testDoesNotHaveMapping',
      "a mapping is made from the record's schema, unless there is one",
      why.noSchemas,
    ),
    other(
      'testBuffersCorrectly; testFlush',
      'records wait in a buffer until it is flushed, and putting one more waits while it is full',
      why.noBuffer,
    ),
    same('testIndexRecord', 'a record becomes the document of its id', behaviour('document-id.servers', 'the key as id may hold anything')),
    same(
      'testDeleteRecord',
      'a record without value deletes',
      behaviour('null-value.servers', 'records without value delete; what is not there, or newer, is unchanged'),
    ),
    same(
      'testUpsertRecords',
      'of two upserts of one key in one batch the later decides, and what the earlier alone has stays',
      behaviour('write-mode.servers', 'of two upserts of one key in one batch the later decides, and what the earlier alone has stays'),
    ),
    same(
      'testIgnoreBadRecord; testFailOnBadRecord',
      'of three records one does not fit: two are written, or the work fails',
      behaviour(
        'rejected-record',
        'an item 400 %s is one rejected record and one error line, and is handed over',
        'an item 400 %s under stop: the others are written, then RecordsRejected names the position',
      ),
    ),
    same(
      'testRetryRecordsOnSocketTimeoutFailure',
      'when the network comes back after several timeouts, each record is there once',
      behaviour('no-response', 'a record alone in its batch is written when the server comes back after a while'),
      unit('elasticsearch/bulk', 'the last record of a key wins, whatever fails on the way'),
    ),
    same(
      'testReporter; testReporterWithFail; testReporterNotCalled',
      'a record that cannot be written is reported once, and no other is',
      behaviour(
        'error-destination-topic.servers',
        'a rejected record keeps its key, value and timestamp, and ten headers tell what happened',
        'under stop nothing is handed over',
      ),
      behaviour('error-destination.servers', 'rejected records are written to the error index, by position, with their key and value'),
    ),
    same(
      'testExternalVersionConflictReporterNotCalled',
      'offsets that come again conflict with their own version, and are not reported',
      behaviour('write-mode', 'a version that is there already and %s: warned of only where it is newer'),
      behaviour('write-mode.servers', 'the very first offset is a version too'),
    ),
    same(
      'testHandleResponseInternalVersionConflictReporterCalled',
      'a conflict of the internal version is not lost in silence',
      behaviour('retriable', 'the 409 of an upsert is sent again, until the deadline'),
      unit('elasticsearch/classify', 'a conflict of an external version means that something newer is there: %s'),
    ),
    same(
      'testNoVersionConflict',
      'two writers that upsert one document at the same time both write',
      behaviour('write-mode.servers', 'two functions that upsert the same document at the same time both write'),
    ),
    same(
      'testWriteDataStreamInjectTimestamp',
      "a document of a data stream gets the record's time",
      behaviour('document-shape.servers', 'create adds @timestamp to the shape %s, and nothing else does'),
    ),
    same(
      'testConnectionUrlExtraSlash',
      'a slash at the end of the address does no harm',
      tests('shared/settings.test', '%s = %s is allowed'),
    ),
    other(
      'testThreadNamingWithConnectorNameAndTaskId',
      'threads have the name of the connector and the number of the task',
      'there are no threads; the function carries the name of the connector, and each line of the log its request id',
    ),
  ],
};

/** Its integration tests, and those of its client, which need a server, too. */
export const confluentIntegration: readonly Suite[] = [connector, network, task, secured, client];
