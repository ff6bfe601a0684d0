import { behaviour, component, other, type Suite, same, tests, unit } from './behaviour.ts';
import * as why from './why.ts';

const integration: Suite = {
  name: 'The forwarder on real servers (tests/handlers/aws/test_integrations.py)',
  behaviours: [
    other(
      'test_ls_es_output',
      'one source goes to two targets, and each has everything',
      `${why.noLogstash}; a second connector has a group of its own, and reads the topic independently`,
    ),
    same(
      'test_continuing',
      'when little time is left, what is not done is left to a later invocation, and nothing is there twice',
      behaviour('deadline', 'after %s in one request and silence in others, none is on its way once the handler has thrown'),
      behaviour('document-id.servers', 'the position as id has the prefix in front, and redelivery leaves one document'),
      behaviour('audit.servers', 'a range that takes longer than an invocation is done page by page, with the same sums'),
    ),
    other(
      'test_continuing_no_timeout_input_from_originalEventSourceARN_message_attribute',
      'an event that went through a queue still knows its source',
      'what is not done goes through no queue: the trigger delivers the same batch again',
    ),
    same(
      'test_replay; test_sqs_replay',
      'what an ingest pipeline has failed is kept; delivering it again fails while the pipeline does, and succeeds afterwards',
      behaviour(
        'replay.servers',
        'records of the %s are delivered as they were, once, and those that fail again stay and are counted',
        'a target that takes nothing fails the replay, and everything is as it was',
      ),
      component('commands/audit-replay.servers.test', 'replay shows what there is, delivers it after a yes, and tells what failed again'),
    ),
    same(
      'test_empty',
      'an event without records is a success with nothing to do',
      behaviour('event-formats.servers', 'the empty array %j is a success with nothing to do'),
      behaviour('null-value.servers', 'an empty string is a value'),
    ),
    other('test_filtered', 'events that a pattern excludes are not sent', why.noFilters),
    other(
      'test_expand_event_from_list_empty_line; test_expand_event_from_list_empty_event_not_expanded; test_root_fields_to_add_to_expanded_event_no_dict_event; test_root_fields_to_add_to_expanded_event_event_not_expanded; test_root_fields_to_add_to_expanded_event_list; test_root_fields_to_add_to_expanded_event_list_no_fields_in_root; test_root_fields_to_add_to_expanded_event_all; test_root_fields_to_add_to_expanded_event_all_no_fields_in_root',
      'a list within an event becomes several documents, with fields of what surrounds it',
      why.noExpansion,
    ),
    other(
      'test_cloudwatch_logs_stream_as_input_instead_of_group; test_cloudwatch_logs_no_input_defined; test_kinesis_data_stream_no_input_defined; test_sqs_no_input_defined',
      'an event of a source that is not configured is kept for later',
      `${why.otherInputs}; a trigger belongs to one function, so no event comes from elsewhere`,
    ),
    other(
      'test_cloudwatch_logs_last_ending_offset_reset; test_kinesis_data_stream_last_ending_offset_reset; test_sqs_last_ending_offset_reset; test_s3_sqs_last_ending_offset_reset; test_cloudwatch_logs_last_event_expanded_offset_continue; test_kinesis_data_stream_last_event_expanded_offset_continue; test_sqs_last_event_expanded_offset_continue; test_s3_sqs_last_event_expanded_offset_continue',
      'work that goes on later begins at the right place within an event',
      'a batch is done again as a whole, and its ids make that harmless',
    ),
    same(
      'test_cloud_trail_race',
      'records of different forms in one batch do not get in the way of each other',
      behaviour('event-formats.servers', 'one batch holds all formats, several topics and partitions'),
      behaviour('mapping-race.servers', 'records that meet in the mapping of a new field are written, whoever was first'),
    ),
    same(
      'test_es_ssl_fingerprint_mismatch',
      'a server whose fingerprint is another gets nothing, and the events are kept',
      unit('elasticsearch/tls', '%s is refused at once, and not one byte is sent'),
      behaviour('tls', '%s: every invocation fails at once, says what to set, and the server gets no request'),
    ),
    same(
      'test_es_no_matching_action_failed',
      'a pipeline that gives documents other ids does not hide which record has failed',
      behaviour('pipeline.servers', 'a record that fails is known by its place, whatever id a pipeline gives its document'),
    ),
    other('test_ls_ssl_fingerprint_mimsmatch', 'a Logstash whose fingerprint is another gets nothing', why.noLogstash),
    same(
      'test_ls_wrong_auth_creds',
      'wrong credentials lose nothing',
      behaviour('target-fault', '%s under %s is thrown under its name, and no record is handed over'),
      behaviour('security.secured', '%s is thrown as such'),
    ),
    same(
      'test_es_version_conflict_exception',
      'an event that comes twice is one document, and no failure',
      behaviour('write-mode.servers', 'what create finds there already is unchanged, without a warning'),
    ),
    same(
      'test_es_dead_letter_index',
      'a record that a pipeline fails is kept in an index, with error and original',
      behaviour('pipeline.servers', "a record that the pipeline's fail processor refuses is rejected: its 500 is as permanent as a 400"),
      behaviour('error-destination.servers', 'rejected records are written to the error index, by position, with their key and value'),
    ),
    same(
      'test_es_non_indexable_dead_letter_index',
      'where that index refuses the record, too, it is not lost',
      behaviour('error-destination.servers', 'an error index that takes nothing fails the invocation'),
      behaviour(
        'error-destination',
        'a record that is too large for the error destination too is handed over again without its value, and marked',
      ),
    ),
    same(
      'test_es_dead_letter_index_with_retryable_errors',
      'a server that cannot be reached makes no record a rejected one',
      behaviour('retriable', 'an item %s for ever is ElasticsearchUnavailable under %s, and hands nothing over'),
    ),
  ],
};

const handler: Suite = {
  name: 'Handler and its helpers (test_handler.py, test_utils.py, test_replay_trigger.py)',
  behaviours: [
    same(
      'test_lambda_handler_noop',
      'an event that is none of the known ones is not taken for records',
      behaviour('event-formats.servers', 'what is neither an array nor a command is refused as a whole, and the next event is taken'),
      unit('decode', 'an event is refused, without repeating its content: %s'),
    ),
    same(
      'test_lambda_handler_failure',
      'settings that are missing or wrong fail the invocation, with the reason',
      behaviour('settings.servers', 'wrong settings are refused by every invocation when no initializer ran'),
      behaviour('settings', '%s is refused by the initializer'),
    ),
    same(
      'test_kinesis_id_less_than_512bytes; test_s3_id_less_than_512bytes; test_sqs_id_less_than_512bytes; test_cloudwatch_id_less_than_512bytes',
      'an id is never longer than Elasticsearch takes',
      behaviour('document-id.servers', 'a position over 512 bytes is a rejected record, alone'),
      unit('map', 'a key of 512 bytes is an id'),
    ),
    other(
      'test_get_trigger_type_and_config_source; test_discover_integration_scope',
      'the kind of source is told by the event',
      why.otherInputs,
    ),
    other('test_get_shipper_from_input', 'a source may have several targets', why.noLogstash),
    same(
      'test_get_shipper_for_replay_event',
      'what is delivered again goes where it was to go',
      behaviour('replay.servers', "another connector's error records in the same topic are left alone"),
    ),
    same(
      'test_with_aws_region; test_with_aws_default_region; test_without_variables',
      'region and endpoint are those of the account',
      component('serverless-devs.servers.test', 'without CLOUD_ENDPOINT every call goes to Alibaba Cloud, by https alone'),
    ),
    same(
      'test_with_single_s3_sqs_record; test_with_multiple_s3_sqs_records; test_with_invalid_s3_sqs_notification',
      'what the log says of an event is its place, is bounded, and no content',
      behaviour(
        'log.servers',
        'every line of the log is one JSON object, and an invocation has one with its numbers',
        'a line has at most 32 KB, whatever the record',
      ),
    ),
  ],
};

const configuration: Suite = {
  name: 'Settings, secrets and environment (test_config.py, test_secretsmanager.py, test_environment.py, test_factory.py)',
  behaviours: [
    same(
      'test_init; test_parse_config',
      'what is missing, of a wrong type or contradicts itself is refused',
      tests(
        'shared/settings.test',
        '%s = %s is refused, with what is allowed',
        'settings that exclude each other are refused, with what is allowed: %s',
      ),
    ),
    same(
      'test_create; test_create_from_output',
      'user and password or an API key, never both',
      tests('shared/settings.test', 'settings that exclude each other are refused, with what is allowed: %s'),
    ),
    other(
      'test_get_type; test_get_output_by_type; test_add_output; test_get_output_destinations; test_delete_output_by_type; test_get_input_by_id; test_add_input',
      'sources and targets are looked up in lists',
      'a connector has one topic and one name to write to',
    ),
    other('test_input_tags', 'tags are added to each document', why.noTags),
    other('test_input_expand_event_list_from_field', 'which list is taken apart is a setting', why.noExpansion),
    other(
      'test_input_json_content_type',
      'whether a text is one JSON document or several is a setting',
      'a value is one JSON object in the shapes of values, and any text in the envelope',
    ),
    other('test_input_include_exclude_filter; test_include_exclude', 'what is excluded is not sent, whatever includes it', why.noFilters),
    other('test_parse_secrets_manager; test_get_aws_sm_client', 'a value may name a secret in a service of secrets', why.noSecretService),
    same(
      'test_aws_environment',
      'the function knows where it runs',
      tests(
        'scripts/local/runtime/local-function.test',
        'an instance sees the variables of Function Compute and its own, and nothing of this machine',
      ),
    ),
  ],
};

const shippers: Suite = {
  name: 'Sending (test_es.py, test_composite.py, test_logstash.py)',
  behaviours: [
    same(
      'test_send; test_flush',
      'what was sent is there once the batch is closed',
      tests('follow-one-record.test', 'one record, stage by stage'),
    ),
    same(
      'test_send_with_failure; test_parse_error',
      'failures are told apart: of a pipeline, of the connection, unknown',
      unit('elasticsearch/classify', 'an item of %s with %d %s', 'an answer to two operations with status %d and %j'),
    ),
    other(
      'test_send_with_dataset_discovery; test_no_datastream; test_custom_dataset; test_aws_cloudtrail_dataset; test_aws_cloudwatch_logs_dataset; test_aws_elb_logs_dataset; test_aws_network_firewall_logs_dataset; test_aws_waf_logs_dataset; test_aws_vpcflow_logs_dataset; test_unknown_dataset',
      'the data stream is found out from the kind of log',
      why.noStreamName,
    ),
    same(
      'test_loads; test_dumps; test_json_parser; test_json_dumper',
      'JSON is read and written as it is',
      unit('json-checker', 'any row of pieces is what JSON.parse says'),
      unit('json-scanner', 'digits and escapes stay as they came'),
    ),
    other(
      'test_add_shipper; test_add_include_exclude_filter; test_set_event_id_generator; test_set_replay_handler',
      'several targets stand behind one',
      why.noLogstash,
    ),
    other(
      'test_send_successful; test_send_failures; test_buffer_handling_at_capacity',
      'events go to Logstash, with retries and a place for what fails',
      why.noLogstash,
    ),
  ],
};

const storage: Suite = {
  name: 'Reading (test_decorator.py, test_payload.py, test_s3.py, test_multiline.py, test_benchmark.py)',
  behaviours: [
    same(
      'test_gzip; test_get_as_string_gzip; test_get_as_string_base64; test_get_as_string_plain; test_get_as_string; test_get_by_lines',
      'what is compressed is read as what is not',
      behaviour('overflow.servers', 'a batch that the broker keeps %s is read', 'a batch that a C client has compressed by %s is read'),
    ),
    other(
      'test_plain; test_ndjson; test_single',
      'a file of lines becomes events, each with its place',
      'a record is one event already; a value that holds several JSON documents is a rejected record in the shapes of values, and text in the envelope',
    ),
    other(
      'test_expand_event_list_from_field; test_expand_event_list_from_field_with_offset; test_expand_event_list_from_field_json_content_type_single_no_circuit_breaker',
      'a list becomes several events',
      why.noExpansion,
    ),
    other(
      'test_multiline_processor; test_collect_buffer_grow; test_collect_buffer_collect; test_pattern_multiline; test_pattern_multiline_circuitbreaker; test_count_multiline; test_count_multiline_circuitbreaker; test_while_multiline; test_while_multiline_circuitbreaker; test_equality',
      'several lines become one event',
      why.noMultiline,
    ),
    same(
      'test_multiline_non_utf',
      'bytes that are no UTF-8 do not fail the work',
      behaviour(
        'event-formats.servers',
        'values with U+FFFD, %s, are written, and named in one warning',
        'an event that is not UTF-8, by %s, is refused as a whole',
      ),
    ),
    same(
      'test_json_collector_plain_none; test_json_collector_plain_single; test_json_collector_plain_ndjson; test_json_collector_json_none; test_json_collector_json_single; test_json_collector_json_ndjson; test_json_collector_json_like_none; test_json_collector_json_like_single; test_json_collector_json_like_ndjson; test_json_collector_expanded_none; test_json_collector_expanded_single; test_json_collector_expanded_ndjson',
      'the work on each event is measured, and a slower one is noticed',
      tests(
        'scripts/bench/guard.test',
        'a function that needs more than 1.5 times the CPU of the bare loop fails, and one that was not measured',
      ),
    ),
  ],
};

export const serverlessForwarder: readonly Suite[] = [integration, handler, configuration, shippers, storage];
