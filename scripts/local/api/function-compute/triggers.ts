import { randomUUID } from 'node:crypto';
import { CloudError } from '../../cloud-error.ts';
import { deadLetterTopic } from '../../stream/config.ts';
import type { Account, KafkaInstance } from '../account.ts';
import type { Later } from '../delays.ts';
import type { EventStreams } from '../event-streams.ts';
import { type ApiRequest, type ApiResponse, header, type JsonObject, objectAt, textAt } from '../http.ts';
import type { KafkaProduct } from '../kafka/kafka.ts';
import type { Roles } from '../roles.ts';
import type { State } from '../state.ts';
import type { FunctionRow } from './functions.ts';
import { bodyOf, checkedName, checkMatch, integerAt, invalid, listed, tagged } from './resource.ts';

interface TriggerRow {
  readonly serviceName: string;
  readonly functionName: string;
  readonly triggerName: string;
  readonly triggerId: string;
  readonly triggerType: 'eventbridge';
  readonly description: string;
  readonly qualifier: string;
  readonly streamName: string;
  readonly triggerConfig: JsonObject;
  readonly createdTime: string;
  readonly lastModifiedTime: string;
}

/** What a trigger refers to. */
export interface TriggerDependencies {
  readonly account: Account;
  readonly kafka: KafkaProduct;
  readonly later: Later;
  readonly roles: Roles;
  readonly streams: EventStreams;
  readonly now: () => number;
  /** What `triggerEnable` reads once the stream has stopped by itself, which no document tells: false, or what was asked for. */
  readonly triggerEnable: 'stream' | 'request';
}

const triggersPerFunction = 10;
const maxFunctionTimeout = 300;
/** The roles in whose names EventBridge reads Kafka and calls the function: https://github.com/devsapp/fc-deploy */
const neededRoles = [
  'sendevent-fc.eventbridge.aliyuncs.com',
  'source-kafka.eventbridge.aliyuncs.com',
  'connect-vpc.eventbridge.aliyuncs.com',
];

/** Triggers of type `eventbridge` with a Kafka source: https://github.com/devsapp/fc/blob/main/docs/zh/yaml/triggers.md */
export class Triggers {
  readonly #dependencies: TriggerDependencies;
  readonly #rows;
  readonly #going = new Map<string, TriggerRow>();

  constructor(dependencies: TriggerDependencies, state: State) {
    this.#dependencies = dependencies;
    this.#rows = state.table<TriggerRow>('fc-triggers');
  }

  /** The function's triggers, with those that were deleted and are still going. */
  of(serviceName: string, functionName: string): TriggerRow[] {
    const all = new Map([...this.#going, ...this.#rows.values().map((row) => [keyOf(row), row] as const)]);
    return [...all.values()].filter(
      (row) => row.serviceName === serviceName && row.functionName === functionName && (this.#rows.get(keyOf(row)) || this.#isGoing(row)),
    );
  }

  #isGoing(row: TriggerRow): boolean {
    return this.#dependencies.later.isPending('triggers', keyOf(row));
  }

  async create(target: FunctionRow, request: ApiRequest): Promise<ApiResponse> {
    checkHeader(request);
    const { serviceName, functionName } = target;
    const body = bodyOf(request);
    const triggerName = checkedName(body.triggerName, 'triggerName', 128);
    if (body.triggerType !== 'eventbridge')
      throw invalid(`triggerType '${String(body.triggerType)}' is not supported here, only eventbridge`);
    const existing = this.of(serviceName, functionName);
    if (existing.some((row) => row.triggerName === triggerName)) {
      throw new CloudError(409, 'TriggerAlreadyExists', `trigger '${triggerName}' already exists in function '${functionName}'`);
    }
    if (existing.length >= triggersPerFunction)
      throw invalid(`function '${functionName}' has ${triggersPerFunction} triggers, which is the limit`);
    const createdTime = new Date(this.#dependencies.now()).toISOString();
    return this.#put(target, body, {
      serviceName,
      functionName,
      triggerName,
      triggerId: randomUUID(),
      triggerType: 'eventbridge',
      description: '',
      qualifier: 'LATEST',
      streamName: `${serviceName}-${functionName}-${triggerName}`,
      triggerConfig: {},
      createdTime,
      lastModifiedTime: createdTime,
    });
  }

  async update(target: FunctionRow, triggerName: string, request: ApiRequest): Promise<ApiResponse> {
    checkHeader(request);
    const row = this.#find(target, triggerName);
    checkMatch(request, this.#view(row));
    return this.#put(target, bodyOf(request), { ...row, lastModifiedTime: new Date(this.#dependencies.now()).toISOString() });
  }

  get(target: FunctionRow, triggerName: string, request: ApiRequest): ApiResponse {
    checkHeader(request);
    return tagged(this.#view(this.#find(target, triggerName)));
  }

  list({ serviceName, functionName }: FunctionRow, request: ApiRequest): ApiResponse {
    checkHeader(request);
    const { rows, ...next } = listed(this.of(serviceName, functionName), (row) => row.triggerName, request.query);
    return { status: 200, body: { triggers: rows.map((row) => this.#view(row)), ...next } };
  }

  async delete(target: FunctionRow, triggerName: string, request: ApiRequest): Promise<ApiResponse> {
    checkHeader(request);
    const row = this.#find(target, triggerName);
    checkMatch(request, this.#view(row));
    await this.#dependencies.streams.remove(row.streamName);
    this.#rows.delete(keyOf(row));
    this.#going.set(keyOf(row), row);
    this.#dependencies.later.begin('triggers', keyOf(row));
    return { status: 204 };
  }

  async #put(target: FunctionRow, body: JsonObject, base: TriggerRow): Promise<ApiResponse> {
    const triggerConfig = body.triggerConfig === undefined ? base.triggerConfig : objectAt(body, 'triggerConfig');
    this.#checkConfig(target, triggerConfig, base.triggerConfig);
    const row = { ...base, triggerConfig, description: textAt(body, 'description') ?? base.description };
    const { streamName, serviceName, functionName } = row;
    const enabled = triggerConfig.triggerEnable !== false;
    const instanceId = textAt(kafkaSource(triggerConfig), 'InstanceId') ?? '';
    await this.#dependencies.streams.deploy({ name: streamName, serviceName, functionName, instanceId, triggerConfig }, enabled);
    this.#rows.set(keyOf(row), row);
    return tagged(this.#view(row));
  }

  #view({ streamName, triggerConfig, ...row }: TriggerRow): object {
    const { accountId, region } = this.#dependencies.account;
    const isThere = this.#rows.get(keyOf(row)) !== undefined;
    const { enabled, status } = isThere ? this.#dependencies.streams.describe(streamName) : { enabled: false, status: 'STOPPED' };
    const triggerEnable = this.#dependencies.triggerEnable === 'stream' ? status === 'RUNNING' : enabled;
    const sourceArn = `acs:eventbridge:${region}:${accountId}:eventstreaming/${streamName}`;
    return { ...row, sourceArn, triggerConfig: { ...triggerConfig, triggerEnable } };
  }

  #find({ serviceName, functionName }: FunctionRow, triggerName: string): TriggerRow {
    const row = this.#rows.get(keyOf({ serviceName, functionName, triggerName }));
    const going = this.#going.get(keyOf({ serviceName, functionName, triggerName }));
    if (row) return row;
    if (going && this.#isGoing(going)) return going;
    throw new CloudError(404, 'TriggerNotFound', `trigger '${triggerName}' does not exist in function '${functionName}'`);
  }

  #checkConfig(target: FunctionRow, config: JsonObject, before: JsonObject): void {
    const source = objectAt(config, 'eventSourceConfig');
    const sourceBefore = textAt(objectAt(before, 'eventSourceConfig'), 'eventSourceType');
    if (source.eventSourceType !== 'Kafka')
      throw invalid(`eventSourceType '${String(source.eventSourceType)}' is not supported here, only Kafka`);
    if (sourceBefore !== undefined && sourceBefore !== source.eventSourceType) throw invalid('eventSourceType cannot be changed');
    if (target.timeout > maxFunctionTimeout)
      throw invalid(`the function's timeout is ${target.timeout} s, a trigger allows ${maxFunctionTimeout} s`);
    const missing = neededRoles.filter((serviceName) => !this.#dependencies.roles.hasServiceLinked(serviceName));
    if (missing.length > 0) throw new CloudError(403, 'AccessDenied', `service-linked roles are missing: ${missing.join(', ')}`);
    this.#checkSource(kafkaSource(config));
    checkDelivery(objectAt(objectAt(config, 'eventSinkConfig'), 'deliveryOption'));
    checkRunOptions(objectAt(config, 'runOptions'));
  }

  #checkSource(source: JsonObject): void {
    const { account, kafka } = this.#dependencies;
    for (const field of ['InstanceId', 'Topic', 'ConsumerGroup']) {
      if (!textAt(source, field)) throw invalid(`sourceKafkaParameters.${field} is required`);
    }
    oneOf(source, 'OffsetReset', ['latest', 'earliest']);
    oneOf(source, 'Network', ['Default', 'PublicNetwork']);
    const instanceId = textAt(source, 'InstanceId') ?? '';
    const isHere = ({ instanceId: id }: KafkaInstance) => id === instanceId && (source.RegionId ?? account.region) === account.region;
    if (!account.kafka.some(isHere)) throw invalid(`Kafka instance '${instanceId}' is not in region '${account.region}'`);
    if (!kafka.hasTopic(instanceId, textAt(source, 'Topic') ?? '')) throw invalid(`topic '${String(source.Topic)}' does not exist`);
  }
}

function kafkaSource(config: JsonObject): JsonObject {
  return objectAt(objectAt(objectAt(config, 'eventSourceConfig'), 'eventSourceParameters'), 'sourceKafkaParameters');
}

function keyOf({ serviceName, functionName, triggerName }: Pick<TriggerRow, 'serviceName' | 'functionName' | 'triggerName'>): string {
  return `${serviceName}/${functionName}/${triggerName}`;
}

/** API 2016-08-15 knows the type only for those who ask for it: https://github.com/devsapp/fc-deploy */
function checkHeader(request: ApiRequest): void {
  if (header(request, 'x-fc-enable-eventbridge-trigger') !== 'enable') {
    throw invalid("trigger type 'eventbridge' needs the header x-fc-enable-eventbridge-trigger: enable");
  }
}

/** https://www.alibabacloud.com/help/en/functioncompute/fc/advanced-features-of-triggers */
function checkRunOptions(options: JsonObject): void {
  if (options.mode !== 'event-streaming') throw invalid('runOptions.mode must be event-streaming for Kafka');
  integerAt(options, 'maximumTasks', 1, 1, Number.MAX_SAFE_INTEGER);
  oneOf(options, 'errorsTolerance', ['NONE', 'ALL']);
  oneOf(objectAt(options, 'retryStrategy'), 'PushRetryStrategy', ['BACKOFF_RETRY', 'EXPONENTIAL_DECAY_RETRY']);
  const window = objectAt(options, 'batchWindow');
  integerAt(window, 'CountBasedWindow', 100, 1, 10_000);
  integerAt(window, 'TimeBasedWindow', 0, 0, 15);
  if (options.deadLetterQueue === undefined) return;
  if (options.errorsTolerance !== 'ALL') throw invalid('deadLetterQueue needs errorsTolerance ALL');
  checkDeadLetterQueue(objectAt(options, 'deadLetterQueue'));
}

function checkDeadLetterQueue(queue: JsonObject): void {
  try {
    deadLetterTopic(textAt(queue, 'Arn') ?? '');
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function checkDelivery(option: JsonObject): void {
  oneOf(option, 'eventSchema', ['CloudEvents', 'RawData']);
  integerAt(option, 'concurrency', 1, 1, 300);
}

function oneOf(parent: JsonObject, field: string, allowed: readonly string[]): void {
  const value = parent[field];
  if (value !== undefined && !(typeof value === 'string' && allowed.includes(value))) {
    throw invalid(`${field} ${JSON.stringify(value)} must be ${allowed.join(' or ')}`);
  }
}
