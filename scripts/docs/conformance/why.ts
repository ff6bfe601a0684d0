// Reasons that several behaviours share.

export const noSchemas =
  'records have no schema here: a value is text or JSON, it goes out as the bytes that came, and the mapping is made by Elasticsearch or a template';
export const noConverters =
  'there are no converters: an event holds text or JSON, and a topic in Avro or Protobuf is turned into JSON before it, by a stream processor';
export const noKerberos =
  'there is no place for a keytab and a realm: the function signs in by user and password or by API key, to brokers by PLAIN or SCRAM';
export const noTransforms =
  'a record is not moved to another topic on its way; the index is named by topic and date of the record (`ES_INDEX`), and documents are changed by an ingest pipeline (`ES_PIPELINE`)';
export const noBuffer =
  'nothing is kept between invocations: the trigger holds the batch until the function has accounted for every record, and reads no further meanwhile';
export const noResourceMap =
  'a connector has one topic and one name to write to (`ES_INDEX`, which may hold the topic); several topics are several connectors';
export const noTimestampFields =
  '`@timestamp` is taken from the record alone; a field of the value becomes it by an ingest pipeline (`date` processor)';
export const noStreamName =
  'the name of a data stream is not put together from type, dataset and namespace: `ES_INDEX` holds the whole name, and a wrong one is refused by the rules for names';
export const noVersionHeader = 'the version is the offset, which is always there and always grows within a partition; no header can set it';
export const platformInterface = 'an interface of the platform that runs it (Kafka Connect), which a function does not have';
export const otherInputs = 'the only source is Kafka; S3, SQS, Kinesis and CloudWatch are sources of another cloud';
export const noExpansion =
  'one record is one document; a list within a value is not taken apart (an ingest pipeline cannot either: a stream processor before the topic can)';
export const noFilters =
  'records are not filtered by patterns; an ingest pipeline drops what is not wanted (`drop`), and the result counts it as skipped';
export const noMultiline = 'a record is a whole message; lines are put together by what writes to the topic';
export const noLogstash = 'there is one kind of target, Elasticsearch';
export const noSecretService =
  'no service of secrets is asked: settings are environment variables of the function, written by the deployment, which reads the password from its own environment';
export const noTags =
  'no fields are added but the position under `kafka` (`value-with-metadata`) and `@timestamp`; a pipeline adds others (`set`)';
