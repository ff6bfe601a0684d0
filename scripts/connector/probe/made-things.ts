import { fileURLToPath } from 'node:url';
import { type Archive, archiveFolder } from '../../bundle/archive.ts';
import { buildPackage, packageFolder } from '../../bundle/package.ts';
import { functionDescription } from '../../bundle/version.ts';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import { CloudFailure } from '../cloud/call.ts';
import type { FunctionComputeApi, Generation } from '../cloud/function-compute/function-compute.ts';
import type { JsonObject } from '../cloud/json.ts';
import type { KafkaInstance } from '../cloud/kafka.ts';
import { addressOf } from '../config/brokers.ts';
import type { Props } from '../config/schema.ts';
import { secretsOf } from '../config/secrets.ts';
import { deadLetterRole, functionComputeRole, serviceLinkedRoles } from '../config/service-linked-roles.ts';
import { NotMeasured } from './not-measured.ts';
import type { Pace } from './pace.ts';
import { probePrefix, probeRemark, type RunNames } from './run-names.ts';

/** Describes what a probe makes, so that whoever finds it knows what it is; some products take no quotes. */
const mark = `Probe of ${functionDescription}, removed by s probe --clean`;
const receiverFolder = fileURLToPath(new URL('receiver', import.meta.url));
const partitions = 2;
const logDays = 1;
const [receiverMb, producerMb] = [128, 512];
const timeoutSeconds = 60;

/** Where a probe runs, and by which names. */
export interface ProbeRun {
  readonly cloud: AlibabaCloud;
  readonly props: Props;
  readonly api: Generation;
  readonly names: RunNames;
}

/** What a probe makes, each when it is first needed; all of it is removed by the names of the run. */
export class MadeThings {
  readonly #run: ProbeRun;
  readonly #pace: Pace;
  #hasMade = false;
  #hasFunctions = false;

  constructor(run: ProbeRun, pace: Pace) {
    this.#run = run;
    this.#pace = pace;
  }

  /** Whether there may be something to remove. */
  get hasMade(): boolean {
    return this.#hasMade;
  }

  /** Whether there may be functions to remove: none where the account has no Function Compute of that generation. */
  get hasFunctions(): boolean {
    return this.#hasFunctions;
  }

  kafka(): Promise<KafkaInstance> {
    return this.#pace.once('kafka', async () => {
      const { instanceId } = this.#run.props.kafka;
      const instance = await this.#run.cloud.kafka.instance(instanceId);
      if (!instance) throw new NotMeasured('kafka.instanceId names no instance of this region');
      return instance;
    });
  }

  /** The topic is made before everything else: by it an interrupted run is found again. */
  topic(): Promise<void> {
    return this.#pace.once('topic', async () => {
      // Of a generation that the account has not, nothing is made.
      await this.#functions.list(probePrefix);
      const instance = await this.kafka();
      this.#pace.goOn();
      this.#hasMade = true;
      await this.#createTopic(instance, this.#run.names.topic);
    });
  }

  async #createTopic({ instanceId }: KafkaInstance, topic: string): Promise<void> {
    await this.#run.cloud.kafka.createTopic(instanceId, { topic, partitions, storage: 'cloud', compact: false, remark: probeRemark });
  }

  deadLetterTopic(): Promise<void> {
    return this.#pace.once('dead letter topic', async () => {
      await this.topic();
      await this.#createTopic(await this.kafka(), this.#run.names.deadLetterTopic);
    });
  }

  consumerGroup(): Promise<void> {
    return this.#pace.once('consumer group', async () => {
      await this.topic();
      const { instanceId } = await this.kafka();
      await this.#run.cloud.kafka.createConsumerGroup(instanceId, this.#run.names.consumerGroup, probeRemark);
    });
  }

  #logs(): Promise<void> {
    return this.#pace.once('logs', async () => {
      await this.topic();
      const { logProject, logstore } = this.#run.names;
      await this.#run.cloud.logs.createProject(logProject, mark);
      await this.#run.cloud.logs.createLogstore(logProject, logstore, logDays);
      await this.#run.cloud.logs.createIndex(logProject, logstore);
    });
  }

  /** They stay, as those of a deployment do: others may act by them. */
  #roles(): Promise<string | undefined> {
    return this.#pace.once('roles', async () => {
      const { role } = this.#run.props.function;
      const arn = await this.#run.cloud.ram.roleArn(role);
      const alone = arn === undefined && this.#run.api === '3.0' ? [functionComputeRole] : [];
      for (const [serviceName, roleName] of [...serviceLinkedRoles, deadLetterRole, ...alone]) {
        if ((await this.#run.cloud.ram.roleArn(roleName)) === undefined)
          await this.#run.cloud.resourceManager.createServiceLinkedRole(serviceName);
      }
      return arn;
    });
  }

  receiverCode(): Promise<Archive> {
    return this.#pace.once('receiver code', () => archiveFolder(receiverFolder));
  }

  /** The function that the stream calls; it has no network of a VPC. */
  receiver(): Promise<void> {
    return this.#pace.once('receiver', async () => {
      await this.#logs();
      const { zip } = await this.receiverCode();
      await this.#createFunction(this.#run.names.receiver, zip, { memorySize: receiverMb });
    });
  }

  /** The function that sends messages, in the network of the brokers, since a user's machine usually reaches none. */
  producer(): Promise<void> {
    return this.#pace.once('producer', async () => {
      await this.#logs();
      await buildPackage();
      const { zip } = await archiveFolder(packageFolder);
      const vpcConfig = await this.#network();
      await this.#createFunction(this.#run.names.producer, zip, {
        memorySize: producerMb,
        vpcConfig,
        environmentVariables: await this.#environment(),
      });
    });
  }

  get #functions(): FunctionComputeApi {
    return this.#run.cloud.functionCompute(this.#run.api);
  }

  async #createFunction(name: string, zip: Buffer, { vpcConfig, ...own }: JsonObject): Promise<void> {
    const role = await this.#roles();
    const { logProject: project, logstore } = this.#run.names;
    const placement = {
      description: mark,
      ...(role !== undefined && { role }),
      logConfig: { project, logstore },
      ...(vpcConfig !== undefined && { vpcConfig }),
    };
    const code = { zipFile: zip.toString('base64') };
    const options = { description: mark, runtime: 'nodejs20', handler: 'index.handler', timeout: timeoutSeconds, ...own, code };
    const { api, cloud } = this.#run;
    if (api === '3.0') return this.#note(this.#functions.createFunction(name, { ...options, ...placement }));
    await this.#note(cloud.functionCompute2.createService(name, placement));
    await this.#functions.createFunction(name, options);
  }

  /** What was refused is not there; of what failed otherwise nobody knows. */
  async #note(making: Promise<void>): Promise<void> {
    await making.catch((error: unknown) => {
      this.#hasFunctions ||= !(error instanceof CloudFailure && error.isRefusal);
      throw error;
    });
    this.#hasFunctions = true;
  }

  /** In the VPC of the brokers: the vSwitch that the properties or Elasticsearch have there, else that of Kafka. */
  async #network(): Promise<JsonObject> {
    const { vpcId, vSwitchId } = await this.kafka();
    const { vpcConfig } = this.#run.props.function;
    const { instanceId } = this.#run.props.elasticsearch;
    const elasticsearch = instanceId === undefined ? undefined : await this.#run.cloud.elasticsearch.instance(instanceId);
    const ofElasticsearch = elasticsearch?.vpcId === vpcId ? [elasticsearch.vSwitchId] : [vSwitchId];
    const vSwitchIds = typeof vpcConfig === 'object' && vpcConfig.vpcId === vpcId ? vpcConfig.vSwitchIds : ofElasticsearch;
    const securityGroupId = await this.#run.cloud.ecs.createSecurityGroup(vpcId, this.#run.names.securityGroup, mark);
    return { vpcId, vSwitchIds, securityGroupId };
  }

  /** This package's function with no Elasticsearch, which sending does not need. */
  async #environment(): Promise<JsonObject> {
    const { kafka } = this.#run.props;
    const brokers = addressOf(this.#run.props, await this.kafka());
    if (brokers === undefined) throw new NotMeasured(`the instance has no endpoint for ${kafka.securityProtocol ?? 'PLAINTEXT'}`);
    const given = {
      KAFKA_SECURITY_PROTOCOL: kafka.securityProtocol,
      KAFKA_SASL_MECHANISM: kafka.saslMechanism,
      KAFKA_USERNAME: kafka.username,
      KAFKA_PASSWORD: secretsOf(this.#run.props).KAFKA_PASSWORD,
    };
    return {
      CONNECTOR_NAME: 'probe',
      SOURCE_TOPIC: this.#run.names.topic,
      KAFKA_BOOTSTRAP_SERVERS: brokers,
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== '')),
      ES_ENDPOINT: '127.0.0.1',
      ES_PASSWORD: 'none',
      ES_INDEX: 'none',
      ES_VERSION_CHECK: 'false',
      CREATE_INDEX: 'false',
    };
  }

  /** Removes the function in the VPC and its security group; resolves to how long the group was held, in ms. */
  async removeProducer(): Promise<number> {
    const { producer, securityGroup } = this.#run.names;
    const { vpcId } = await this.kafka();
    await this.#functions.deleteWhole(producer);
    const group = await this.#run.cloud.ecs.securityGroup({ vpcId, securityGroupName: securityGroup });
    const started = performance.now();
    await this.#run.cloud.ecs.deleteSecurityGroup(group?.securityGroupId ?? '');
    return performance.now() - started;
  }
}
