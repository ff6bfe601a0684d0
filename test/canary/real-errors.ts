import { inject } from 'vitest';
import type { FailureName } from '../../shared/errors.ts';
import { Sandbox } from '../support/function/sandbox.ts';
import { Topics } from '../support/kafka/topics.ts';
import type { Scenario } from './errors.ts';
import type { Stage } from './stage.ts';

/** A type of rejection that is Elasticsearch's own. */
type OwnRejection = 'mapper_parsing_exception' | 'strict_dynamic_mapping_exception' | 'illegal_argument_exception' | 'find_match';

const numeric = { properties: { n: { type: 'integer' } } };

/** What a real server makes of records: up to 7.13 it quotes the head of the request, and most of the others quote the record. */
export const realScenarios = {
  mapper_parsing_exception: (stage) => {
    const { field, value } = stage.canaries.content;
    // JSON as RFC 8259 has it, at which the parser stops and quotes its buffer from the head of the request on; a value, and a key that is the id.
    const unfit = [
      '{"n":1,"n":1}',
      '{"n":{"a":[1]}}',
      '{"n":1e99999}',
      JSON.stringify({ n: value }),
      JSON.stringify({ n: { [field]: value } }),
    ];
    return onIndex(stage, { mappings: numeric }, unfit);
  },
  strict_dynamic_mapping_exception: (stage) => onIndex(stage, { mappings: { dynamic: 'strict', ...numeric } }, [ownValue(stage)]),
  illegal_argument_exception: (stage) => {
    const limit = { 'index.mapping.total_fields.limit': 1 };
    return onIndex(stage, { mappings: numeric, settings: limit }, [ownValue(stage), JSON.stringify({ n: 1 })]);
  },
  find_match: (stage) => {
    const { value } = stage.canaries.content;
    const dissect = { processors: [{ dissect: { field: 'n', pattern: '%{a} - %{b}' } }] };
    return onIndex(stage, {}, [JSON.stringify({ n: value }), JSON.stringify({ n: 'a - b' })], { pipeline: dissect });
  },
  RecordsRejected: (stage) =>
    onIndex(stage, { mappings: numeric }, [JSON.stringify({ n: stage.canaries.content.value })], {
      variables: { ON_FAILURE: 'stop', ERROR_INDEX: undefined },
    }),
  IndexUnavailable: async (stage) => {
    await onIndex(stage, { settings: { 'index.default_pipeline': 'nobody-made-it' } }, [ownValue(stage)]);
    await onIndex(stage, {}, [ownValue(stage)], { afterwards: '_close' });
  },
  ElasticsearchUnavailable: (stage) => onIndex(stage, { settings: { 'index.blocks.write': true } }, [ownValue(stage)], { timeout: 3 }),
  ErrorDestinationUnavailable: (stage) =>
    onIndex(stage, { mappings: numeric }, [JSON.stringify({ n: 'x' })], { errorMappings: { dynamic: 'strict', properties: {} } }),
  KafkaUnavailable: async (stage) => {
    // A real broker that is asked to let a user in where there is none.
    const event = JSON.stringify({ command: 'produce', key: stage.canaries.content.key, value: stage.canaries.content.value });
    const variables = { KAFKA_BOOTSTRAP_SERVERS: inject('broker') };
    await stage.playTo(inject('elasticsearchUrl'), [event], { variables, timeout: 5 });
    await stage.playTo(inject('elasticsearchUrl'), [event], {
      variables: { ...variables, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512' },
      timeout: 5,
    });
  },
} satisfies Partial<Record<FailureName | OwnRejection, Scenario>>;

function ownValue({ canaries: { content } }: Stage): string {
  return JSON.stringify({ [content.field]: content.value, [`${content.field}.x`]: { [content.value]: content.value } });
}

export interface Setup {
  readonly variables?: { readonly [name: string]: string | undefined };
  readonly pipeline?: object;
  /** What is made beside, by its path. */
  readonly beside?: (name: string) => { readonly [path: string]: object };
  /** What is done to the index before records come. */
  readonly afterwards?: '_close';
  readonly errorMappings?: object;
  readonly timeout?: number;
}

/** Sends values to an index of a real server, and another record that fits, with rejects in an error index; what that says is kept. */
export async function onIndex(
  stage: Stage,
  body: object,
  values: readonly string[],
  { afterwards, beside, errorMappings, pipeline, timeout = 20, variables }: Setup = {},
): Promise<void> {
  const url = inject('elasticsearchUrl');
  await using sandbox = new Sandbox(url);
  const errors = `${sandbox.name}-errors`;
  await sandbox.put(`/${sandbox.name}`, body);
  if (errorMappings) await sandbox.put(`/${errors}`, { mappings: errorMappings });
  for (const [path, one] of Object.entries(beside?.(sandbox.name) ?? {})) await sandbox.put(path, one);
  if (pipeline) await sandbox.put(`/_ingest/pipeline/${sandbox.name}`, pipeline);
  if (afterwards) await sandbox.elasticsearch.indices.close({ index: sandbox.name });
  const own = { ES_INDEX: sandbox.name, ERROR_INDEX: errors, DOCUMENT_SHAPE: 'value', ...(pipeline && { ES_PIPELINE: sandbox.name }) };
  const event = stage.event(...values.map((value) => ({ value })), { value: '{}' });
  await stage.playTo(url, [event], { variables: { ...own, ...variables }, timeout });
  for (const { error } of Object.values(await sandbox.documents(errors)) as { error?: object }[]) stage.reasons.push(JSON.stringify(error));
}

/** Everything that the function does with brokers, beside one real topic of errors; what error records' headers tell is kept. */
export async function commandsOnRealServers(stage: Stage): Promise<void> {
  const url = inject('elasticsearchUrl');
  await using sandbox = new Sandbox(url);
  await using topics = await Topics.open(inject('broker'));
  const [topic, errors] = [await topics.create(1), await topics.create(1)];
  await sandbox.put(`/${sandbox.name}`, { mappings: numeric });
  const { content } = stage.canaries;
  const variables = {
    ES_INDEX: sandbox.name,
    SOURCE_TOPIC: topic,
    ERROR_DATA_TOPIC: errors,
    DOCUMENT_SHAPE: 'value',
    DOCUMENT_ID: 'position',
    KAFKA_BOOTSTRAP_SERVERS: inject('broker'),
    KAFKA_SECURITY_PROTOCOL: undefined,
    KAFKA_USERNAME: undefined,
    KAFKA_PASSWORD: undefined,
  };
  const value = JSON.stringify({ n: content.value });
  const events = [
    { command: 'produce', key: content.key, value, headers: { [content.headerName]: content.headerValue } },
    { command: 'produce', key: content.key, value, count: 3 },
    [stage.record(0, { topic, value }), stage.record(1, { topic, value: '{}' })],
    { command: 'check' },
    { command: 'find', topic, partition: 0, offset: 9, key: content.key },
    { command: 'audit', topic, partition: 0, from: 0, to: 4 },
    { command: 'replay', from: 'error-data' },
    { command: 'replay', from: 'dead-letter' },
  ];
  await topics.send(errors, [{ key: content.key, value: content.value, headers: { [content.headerName]: content.headerValue } }]);
  const answers = await stage.playTo(
    url,
    events.map((event) => JSON.stringify(event)),
    { variables, timeout: 60 },
  );
  const failures = answers.flatMap(({ failure }) => failure ?? []);
  if (failures.length > 0) throw new Error(`failed: ${failures.join()}`);
  for (const { headers } of await topics.read(errors)) {
    if (headers['__connect.errors.topic'] !== undefined) stage.reasons.push(JSON.stringify(headers));
  }
}
