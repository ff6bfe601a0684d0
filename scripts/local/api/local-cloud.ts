import { newRequestId } from '../runtime/request-id.ts';
import type { Account } from './account.ts';
import { EcsProduct } from './ecs.ts';
import { ElasticsearchProduct } from './elasticsearch.ts';
import { eventBridgeProduct } from './event-bridge.ts';
import { EventStreams, type StreamDeployment, type TriggerStream } from './event-streams.ts';
import { Faults } from './faults.ts';
import { Attachments } from './function-compute/attachments.ts';
import { type FunctionRow, Functions } from './function-compute/functions.ts';
import { Invocations } from './function-compute/invocations.ts';
import type { FunctionRuntime, InvocationResponse } from './function-compute/runtime.ts';
import { Triggers } from './function-compute/triggers.ts';
import { missingGeneration, type Refusal } from './function-compute/unconfirmed.ts';
import { ServiceFunctions } from './function-compute/v2/functions.ts';
import { FunctionCompute2 } from './function-compute/v2/router.ts';
import { Services } from './function-compute/v2/services.ts';
import { StandaloneFunctions } from './function-compute/v3/functions.ts';
import { FunctionCompute3 } from './function-compute/v3/router.ts';
import { Tags } from './function-compute/v3/tags.ts';
import { Gateway } from './gateway.ts';
import { KafkaProduct } from './kafka/kafka.ts';
import { LogService } from './log-service/log-service.ts';
import { Acs3Protocol } from './protocols/acs3.ts';
import { FunctionCompute2Protocol } from './protocols/function-compute-2.ts';
import { FunctionCompute3Protocol } from './protocols/function-compute-3.ts';
import { LogServiceProtocol } from './protocols/log-service.ts';
import { ramProduct } from './ram.ts';
import { resourceManagerProduct } from './resource-manager.ts';
import { Roles } from './roles.ts';
import { State } from './state.ts';
import { vpcProduct } from './vpc.ts';

/** Calls a function on behalf of a stream. */
type InvokeFunction = (event: Buffer) => Promise<InvocationResponse>;

/** What the cloud is made of. */
export interface LocalCloudConfig {
  readonly account: Account;
  /** Folder that holds what the cloud remembers. */
  readonly stateFolder: string;
  /** Runs functions. */
  readonly runtime: FunctionRuntime;
  /** Makes the stream of a trigger, not running yet, that delivers its events by `invoke`. */
  readonly stream: (deployment: StreamDeployment, broker: string, invoke: InvokeFunction) => TriggerStream;
  /** Gets faults of the local cloud itself, which a client sees as 500. */
  readonly onDefect: (error: unknown) => void;
  /** What `triggerEnable` of a stopped stream's trigger reads; `stream`, false, when absent. */
  readonly triggerEnable?: 'stream' | 'request';
  /** How calls of a generation of Function Compute are refused that the account does not have. */
  readonly missingGeneration?: Refusal;
  /** The time in ms since 1970; the machine's clock when absent. */
  readonly now?: () => number;
  /** A free one when absent. */
  readonly port?: number;
}

/** The cloud's APIs on this machine. */
export interface LocalCloud extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly endpoint: string;
  readonly faults: Faults;
  /** What has been made in it: topics as `<instance>/<topic>`, functions as `<service>$<function>`, or `<function>` of 3.0. */
  contents(): { readonly topics: readonly string[]; readonly functions: readonly string[] };
}

/** Starts the APIs of every product that a deployment calls, with what the folder remembers of the last run. */
export async function startLocalCloud(config: LocalCloudConfig): Promise<LocalCloud> {
  const { account, stateFolder, onDefect, now = () => Date.now(), port, triggerEnable = 'stream' } = config;
  const availability = { account, missingGeneration: config.missingGeneration ?? missingGeneration };
  const state = new State(stateFolder);
  const faults = new Faults();
  const { later } = faults;
  const logs = new LogService(account.region, state, now, later);
  const ecs = new EcsProduct(account, state, now, later);
  const kafka = new KafkaProduct(account, state, now, later);
  const roles = new Roles(account, state, now, later);
  const attachments = new Attachments({ account, ecs, logs, roles });
  const store = new Functions(state);
  const services = new Services({ attachments, later, now }, state);
  const serviceFunctions = new ServiceFunctions(store, now);
  const standaloneFunctions = new StandaloneFunctions({ account, attachments, functions: store, later, now });
  const logConfigOf = (row: FunctionRow) => (row.generation === '3.0' ? row : services.find(row.serviceName)).logConfig;
  const invocations = new Invocations({ functions: store, logConfigOf, logs, runtime: config.runtime });
  const streams = new EventStreams(state, (deployment) => makeStream(config, deployment, store, invocations));
  const triggers = new Triggers({ account, kafka, later, roles, streams, now, triggerEnable }, state);
  ecs.isInUse = (securityGroupId) => services.uses(securityGroupId) || standaloneFunctions.uses(securityGroupId);

  const authority = { accessKeys: account.accessKeys, now };
  const products = [
    kafka,
    ecs,
    vpcProduct(account),
    new ElasticsearchProduct(account, state, later),
    ramProduct(roles),
    resourceManagerProduct(roles),
    eventBridgeProduct(account, streams, roles),
  ];
  const protocols = [
    new FunctionCompute2Protocol(
      authority,
      new FunctionCompute2({ ...availability, store, services, functions: serviceFunctions, triggers, invocations }),
    ),
    new FunctionCompute3Protocol(
      authority,
      new FunctionCompute3({
        ...availability,
        store,
        functions: standaloneFunctions,
        tags: new Tags({ account, functions: standaloneFunctions, store }),
        triggers,
        invocations,
      }),
    ),
    new LogServiceProtocol(authority, logs),
    new Acs3Protocol(authority, products),
  ];
  await kafka.makeFirstTopics();
  const gateway = await Gateway.start(protocols, { faults, account }, onDefect, port);
  streams.resume();
  const stop = async () => {
    await gateway[Symbol.asyncDispose]();
    await streams[Symbol.asyncDispose]();
    await invocations[Symbol.asyncDispose]();
  };
  return {
    endpoint: `http://${gateway.host}`,
    faults,
    contents: () => ({ topics: kafka.topics(), functions: store.values().map(({ id }) => id) }),
    [Symbol.asyncDispose]: stop,
  };
}

function makeStream(config: LocalCloudConfig, deployment: StreamDeployment, functions: Functions, invocations: Invocations): TriggerStream {
  const { destination, instanceId } = deployment;
  const broker = config.account.kafka.find((instance) => instance.instanceId === instanceId)?.broker ?? '';
  const generation = functions.get(destination.functionId)?.generation ?? '2.0';
  const invoke: InvokeFunction = (event) =>
    invocations.invoke(destination.functionId, event, { requestId: newRequestId(generation), logTail: false });
  return config.stream(deployment, broker, invoke);
}
