import type { Access } from './access.ts';
import { EcsApi } from './ecs.ts';
import { ElasticsearchApi } from './elasticsearch.ts';
import { EventBridgeApi } from './event-bridge.ts';
import type { FunctionComputeApi, Generation } from './function-compute/function-compute.ts';
import { FunctionCompute2 } from './function-compute/function-compute-2.ts';
import { FunctionCompute3 } from './function-compute/function-compute-3.ts';
import { KafkaApi } from './kafka.ts';
import { LogServiceApi } from './log-service.ts';
import { RamApi } from './ram.ts';
import { ResourceManagerApi } from './resource-manager.ts';
import { VpcApi } from './vpc.ts';

/** Every product that a deployment calls, each loaded when it is first used: the SDKs are large. */
export class AlibabaCloud {
  readonly access: Access;
  #ecs: EcsApi | undefined;
  #elasticsearch: ElasticsearchApi | undefined;
  #eventBridge: EventBridgeApi | undefined;
  #functionCompute2: FunctionCompute2 | undefined;
  #functionCompute3: FunctionCompute3 | undefined;
  #kafka: KafkaApi | undefined;
  #logs: LogServiceApi | undefined;
  #ram: RamApi | undefined;
  #resourceManager: ResourceManagerApi | undefined;
  #vpc: VpcApi | undefined;

  constructor(access: Access) {
    this.access = access;
  }

  get ecs(): EcsApi {
    this.#ecs ??= new EcsApi(this.access);
    return this.#ecs;
  }

  get elasticsearch(): ElasticsearchApi {
    this.#elasticsearch ??= new ElasticsearchApi(this.access);
    return this.#elasticsearch;
  }

  get eventBridge(): EventBridgeApi {
    this.#eventBridge ??= new EventBridgeApi(this.access);
    return this.#eventBridge;
  }

  /** What both generations do alike, in one of them. */
  functionCompute(generation: Generation): FunctionComputeApi {
    return generation === '2.0' ? this.functionCompute2 : this.functionCompute3;
  }

  get functionCompute2(): FunctionCompute2 {
    this.#functionCompute2 ??= new FunctionCompute2(this.access);
    return this.#functionCompute2;
  }

  get functionCompute3(): FunctionCompute3 {
    this.#functionCompute3 ??= new FunctionCompute3(this.access);
    return this.#functionCompute3;
  }

  get kafka(): KafkaApi {
    this.#kafka ??= new KafkaApi(this.access);
    return this.#kafka;
  }

  get logs(): LogServiceApi {
    this.#logs ??= new LogServiceApi(this.access);
    return this.#logs;
  }

  get ram(): RamApi {
    this.#ram ??= new RamApi(this.access);
    return this.#ram;
  }

  get resourceManager(): ResourceManagerApi {
    this.#resourceManager ??= new ResourceManagerApi(this.access);
    return this.#resourceManager;
  }

  get vpc(): VpcApi {
    this.#vpc ??= new VpcApi(this.access);
    return this.#vpc;
  }
}
