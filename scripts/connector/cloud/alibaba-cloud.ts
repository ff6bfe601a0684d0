import type { Access } from './access.ts';
import { EcsCloud } from './ecs.ts';
import { ElasticsearchCloud } from './elasticsearch.ts';
import { EventBridge } from './event-bridge.ts';
import { FunctionCompute } from './function-compute.ts';
import { KafkaCloud } from './kafka.ts';
import { LogServiceCloud } from './log-service.ts';
import { RamCloud } from './ram.ts';
import { ResourceManagement } from './resource-management.ts';
import { VpcCloud } from './vpc.ts';

/** Every product that a deployment calls, each loaded when it is first used: the SDKs are large. */
export class AlibabaCloud {
  readonly access: Access;
  #ecs: EcsCloud | undefined;
  #elasticsearch: ElasticsearchCloud | undefined;
  #eventBridge: EventBridge | undefined;
  #functionCompute: FunctionCompute | undefined;
  #kafka: KafkaCloud | undefined;
  #logs: LogServiceCloud | undefined;
  #ram: RamCloud | undefined;
  #resourceManagement: ResourceManagement | undefined;
  #vpc: VpcCloud | undefined;

  constructor(access: Access) {
    this.access = access;
  }

  get ecs(): EcsCloud {
    this.#ecs ??= new EcsCloud(this.access);
    return this.#ecs;
  }

  get elasticsearch(): ElasticsearchCloud {
    this.#elasticsearch ??= new ElasticsearchCloud(this.access);
    return this.#elasticsearch;
  }

  get eventBridge(): EventBridge {
    this.#eventBridge ??= new EventBridge(this.access);
    return this.#eventBridge;
  }

  get functionCompute(): FunctionCompute {
    this.#functionCompute ??= new FunctionCompute(this.access);
    return this.#functionCompute;
  }

  get kafka(): KafkaCloud {
    this.#kafka ??= new KafkaCloud(this.access);
    return this.#kafka;
  }

  get logs(): LogServiceCloud {
    this.#logs ??= new LogServiceCloud(this.access);
    return this.#logs;
  }

  get ram(): RamCloud {
    this.#ram ??= new RamCloud(this.access);
    return this.#ram;
  }

  get resourceManagement(): ResourceManagement {
    this.#resourceManagement ??= new ResourceManagement(this.access);
    return this.#resourceManagement;
  }

  get vpc(): VpcCloud {
    this.#vpc ??= new VpcCloud(this.access);
    return this.#vpc;
  }
}
