import { randomUUID } from 'node:crypto';
import { CloudError } from '../../cloud-error.ts';
import type { Account, KafkaInstance } from '../account.ts';
import type { Later } from '../delays.ts';
import type { EventStreams } from '../event-streams.ts';
import { type JsonObject, objectAt, textAt } from '../http.ts';
import type { KafkaProduct } from '../kafka/kafka.ts';
import type { Roles } from '../roles.ts';
import type { State } from '../state.ts';
import type { FunctionRow } from './functions.ts';
import { checkedName, invalid } from './resource.ts';
import { checkTriggerConfig, kafkaSource } from './trigger-config.ts';

/** What the API tells of a trigger; how it writes the configuration is the generation's own. */
export interface TriggerView {
  readonly triggerName: string;
  readonly triggerId: string;
  readonly triggerType: 'eventbridge';
  readonly description: string;
  readonly qualifier: string;
  readonly sourceArn: string;
  readonly triggerConfig: JsonObject;
  readonly createdTime: string;
  readonly lastModifiedTime: string;
}

interface TriggerRow extends Omit<TriggerView, 'sourceArn'> {
  readonly functionId: string;
  readonly streamName: string;
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

/** https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage, of 2.0 https://alibabacloud.com/help/en/functioncompute/fc-2-0/product-overview/limits */
const triggersPerFunction = { '2.0': 10, '3.0': 50 } as const;
const maxFunctionTimeout = 300;
/** The roles in whose names EventBridge reads Kafka and calls the function: https://github.com/devsapp/fc-deploy */
const neededRoles = [
  'sendevent-fc.eventbridge.aliyuncs.com',
  'source-kafka.eventbridge.aliyuncs.com',
  'connect-vpc.eventbridge.aliyuncs.com',
];

/** Triggers of type `eventbridge` with a Kafka source, of functions of either generation: https://github.com/devsapp/fc/blob/main/docs/zh/yaml/triggers.md */
export class Triggers {
  readonly #dependencies: TriggerDependencies;
  readonly #rows;
  readonly #going = new Map<string, TriggerRow>();

  constructor(dependencies: TriggerDependencies, state: State) {
    this.#dependencies = dependencies;
    this.#rows = state.table<TriggerRow>('fc-triggers');
  }

  /** How many the function has, with those that were deleted and are still going. */
  count({ id }: FunctionRow): number {
    return this.#of(id).length;
  }

  /** Throws `CloudError`, as all that follow. */
  async create(target: FunctionRow, body: JsonObject): Promise<TriggerView> {
    const triggerName = checkedName(body.triggerName, 'triggerName', 128);
    if (body.triggerType !== 'eventbridge')
      throw invalid(`triggerType ${JSON.stringify(body.triggerType)} is not supported here, only eventbridge`);
    this.#checkRoom(target, triggerName);
    const createdTime = this.#time();
    const triggerId = randomUUID();
    return this.#put(target, body, {
      functionId: target.id,
      triggerName,
      triggerId,
      triggerType: 'eventbridge',
      description: '',
      qualifier: 'LATEST',
      streamName: streamNameOf(target, triggerName, triggerId),
      triggerConfig: {},
      createdTime,
      lastModifiedTime: createdTime,
    });
  }

  async update(target: FunctionRow, triggerName: string, body: JsonObject): Promise<TriggerView> {
    const row = this.#find(target, triggerName);
    return this.#put(target, body, { ...row, lastModifiedTime: this.#time() });
  }

  get(target: FunctionRow, triggerName: string): TriggerView {
    return this.#view(this.#find(target, triggerName));
  }

  list({ id }: FunctionRow): TriggerView[] {
    return this.#of(id).map((row) => this.#view(row));
  }

  async delete(target: FunctionRow, triggerName: string): Promise<void> {
    const row = this.#find(target, triggerName);
    await this.#dependencies.streams.remove(row.streamName);
    this.#rows.delete(keyOf(row));
    this.#going.set(keyOf(row), row);
    this.#dependencies.later.begin('triggers', keyOf(row));
  }

  #of(functionId: string): TriggerRow[] {
    const all = new Map([...this.#going, ...this.#rows.values().map((row) => [keyOf(row), row] as const)]);
    return [...all.values()].filter((row) => row.functionId === functionId && (this.#rows.get(keyOf(row)) || this.#isGoing(row)));
  }

  #isGoing(row: TriggerRow): boolean {
    return this.#dependencies.later.isPending('triggers', keyOf(row));
  }

  #checkRoom({ functionName, generation, id }: FunctionRow, triggerName: string): void {
    const existing = this.#of(id);
    if (existing.some((row) => row.triggerName === triggerName)) {
      throw new CloudError(409, 'TriggerAlreadyExists', `trigger '${triggerName}' already exists in function '${functionName}'`);
    }
    const most = triggersPerFunction[generation];
    if (existing.length >= most) throw invalid(`function '${functionName}' has ${most} triggers, which is the limit`);
  }

  async #put(target: FunctionRow, body: JsonObject, base: TriggerRow): Promise<TriggerView> {
    const triggerConfig = body.triggerConfig === undefined ? base.triggerConfig : objectAt(body, 'triggerConfig');
    this.#checkConfig(target, triggerConfig, base.triggerConfig);
    const row = { ...base, triggerConfig, description: textAt(body, 'description') ?? base.description };
    const { functionName, id } = target;
    const destination = { functionId: id, functionName, ...(target.generation === '2.0' && { serviceName: target.serviceName }) };
    const instanceId = textAt(kafkaSource(triggerConfig), 'InstanceId') ?? '';
    const deployment = { name: row.streamName, destination, instanceId, triggerConfig };
    await this.#dependencies.streams.deploy(deployment, triggerConfig.triggerEnable !== false);
    this.#rows.set(keyOf(row), row);
    return this.#view(row);
  }

  #view(row: TriggerRow): TriggerView {
    const { functionId: _functionId, streamName, triggerConfig, ...rest } = row;
    const { accountId, region } = this.#dependencies.account;
    const isThere = this.#rows.get(keyOf(row)) !== undefined;
    const { enabled, status } = isThere ? this.#dependencies.streams.describe(streamName) : { enabled: false, status: 'STOPPED' };
    const triggerEnable = this.#dependencies.triggerEnable === 'stream' ? status === 'RUNNING' : enabled;
    const sourceArn = `acs:eventbridge:${region}:${accountId}:eventstreaming/${streamName}`;
    return { ...rest, sourceArn, triggerConfig: { ...triggerConfig, triggerEnable } };
  }

  #find({ functionName, id }: FunctionRow, triggerName: string): TriggerRow {
    const key = keyOf({ functionId: id, triggerName });
    const row = this.#rows.get(key);
    const going = this.#going.get(key);
    if (row) return row;
    if (going && this.#isGoing(going)) return going;
    throw new CloudError(404, 'TriggerNotFound', `trigger '${triggerName}' does not exist in function '${functionName}'`);
  }

  #checkConfig(target: FunctionRow, config: JsonObject, before: JsonObject): void {
    const source = objectAt(config, 'eventSourceConfig');
    const sourceBefore = textAt(objectAt(before, 'eventSourceConfig'), 'eventSourceType');
    if (source.eventSourceType !== 'Kafka')
      throw invalid(`eventSourceType ${JSON.stringify(source.eventSourceType)} is not supported here, only Kafka`);
    if (sourceBefore !== undefined && sourceBefore !== source.eventSourceType) throw invalid('eventSourceType cannot be changed');
    if (target.timeout > maxFunctionTimeout)
      throw invalid(`the function's timeout is ${target.timeout} s, a trigger allows ${maxFunctionTimeout} s`);
    const missing = neededRoles.filter((serviceName) => !this.#dependencies.roles.hasServiceLinked(serviceName));
    if (missing.length > 0) throw new CloudError(403, 'AccessDenied', `service-linked roles are missing: ${missing.join(', ')}`);
    checkTriggerConfig(config, target.generation);
    this.#checkTopic(kafkaSource(config));
  }

  #checkTopic(source: JsonObject): void {
    const { account, kafka } = this.#dependencies;
    const instanceId = textAt(source, 'InstanceId') ?? '';
    const isHere = ({ instanceId: id }: KafkaInstance) => id === instanceId && (source.RegionId ?? account.region) === account.region;
    if (!account.kafka.some(isHere)) throw invalid(`Kafka instance '${instanceId}' is not in region '${account.region}'`);
    if (!kafka.hasTopic(instanceId, textAt(source, 'Topic') ?? '')) throw invalid(`topic ${JSON.stringify(source.Topic)} does not exist`);
  }

  #time(): string {
    return new Date(this.#dependencies.now()).toISOString();
  }
}

function keyOf({ functionId, triggerName }: Pick<TriggerRow, 'functionId' | 'triggerName'>): string {
  return `${functionId}/${triggerName}`;
}

/** Of 3.0 with a part of the id: without it, it could be the name of a stream of 2.0. */
function streamNameOf(target: FunctionRow, triggerName: string, triggerId: string): string {
  if (target.generation === '2.0') return `${target.serviceName}-${target.functionName}-${triggerName}`;
  return `${target.functionName}-${triggerName}-${triggerId.slice(0, 8)}`;
}
