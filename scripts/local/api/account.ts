import type { Generation } from './generation.ts';
import type { PolicyStatement } from './permissions.ts';

/** A pair of keys that signs requests. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** A subnet in one zone. */
interface VSwitch {
  readonly vSwitchId: string;
  readonly vpcId: string;
  readonly zoneId: string;
  readonly cidrBlock: string;
}

/** `normal` is the Standard Edition, the others are Professional: https://www.alibabacloud.com/help/en/apsaramq-for-kafka/api-createtopic */
type KafkaEdition = 'normal' | 'professional' | 'professionalForHighRead';

/** An instance of ApsaraMQ for Kafka; a broker of this machine stands for it. */
export interface KafkaInstance {
  readonly instanceId: string;
  readonly name: string;
  readonly edition: KafkaEdition;
  /** Such as `2.6.2`. */
  readonly version: string;
  readonly vpcId: string;
  readonly vSwitchId: string;
  readonly securityGroupId: string;
  /** 5: running, 1: being deployed. */
  readonly serviceStatus: number;
  /** `host:port`, plaintext. */
  readonly broker: string;
  /** What it holds from the beginning. */
  readonly topics: readonly { readonly topic: string; readonly partitionNum: number }[];
}

/** An instance of Elasticsearch; a server of this machine stands for it. */
export interface ElasticsearchInstance {
  readonly instanceId: string;
  readonly description: string;
  readonly vpcId: string;
  readonly vSwitchId: string;
  /** `http://host:port` of the server; its host and port are given out as the private address. */
  readonly url: string;
  /** `Authorization` of the server, where it has security. */
  readonly authorization: string | undefined;
  readonly autoCreateIndex: string;
  readonly privateNetworkIpWhiteList: readonly string[];
}

/** What the account holds before anything is deployed. */
export interface Account {
  readonly accountId: string;
  readonly region: string;
  readonly accessKeys: readonly AccessKey[];
  readonly vpc: { readonly vpcId: string; readonly cidrBlock: string };
  readonly vSwitches: readonly VSwitch[];
  /** What of Function Compute the account has: a new one has 3.0 alone. */
  readonly functionComputeGenerations: readonly Generation[];
  /** Zones where Function Compute can put its network interfaces. */
  readonly functionComputeZones: readonly string[];
  /** Names of roles; service-linked ones come when they are made. */
  readonly roles: readonly string[];
  /** What the user of the access keys may do, as statements of a RAM policy; everything when absent. */
  readonly policy?: readonly PolicyStatement[];
  readonly kafka: readonly KafkaInstance[];
  readonly elasticsearch: readonly ElasticsearchInstance[];
}

/** Where the servers are that stand for the instances. */
export interface Servers {
  /** `host:port` */
  readonly broker: string;
  readonly elasticsearchUrl: string;
  /** `Authorization` of Elasticsearch, where it has security. */
  readonly authorization?: string;
  /** What the Kafka instance holds from the beginning. */
  readonly topics?: KafkaInstance['topics'];
}

const vpcId = 'vpc-bp1local000000000000001';
const firstVSwitch = { vSwitchId: 'vsw-bp1local000000000000001', vpcId, zoneId: 'cn-hangzhou-i', cidrBlock: '192.168.1.0/24' };
const secondVSwitch = { vSwitchId: 'vsw-bp1local000000000000002', vpcId, zoneId: 'cn-hangzhou-b', cidrBlock: '192.168.2.0/24' };

/** An account with one Kafka and one Elasticsearch instance in one VPC; anything can be given otherwise. */
export function seededAccount({ authorization, broker, elasticsearchUrl, topics = [] }: Servers, changes: Partial<Account> = {}): Account {
  return {
    accountId: '1234567890123456',
    region: 'cn-hangzhou',
    accessKeys: [{ accessKeyId: 'LTAI5tLocalCloudKey', accessKeySecret: 'local-cloud-secret' }],
    vpc: { vpcId, cidrBlock: '192.168.0.0/16' },
    vSwitches: [firstVSwitch, secondVSwitch],
    functionComputeGenerations: ['2.0', '3.0'],
    functionComputeZones: ['cn-hangzhou-f', 'cn-hangzhou-g', 'cn-hangzhou-i'],
    roles: ['AliyunFCDefaultRole'],
    kafka: [kafkaInstance(broker, topics)],
    elasticsearch: [elasticsearchInstance(elasticsearchUrl, authorization)],
    ...changes,
  };
}

function kafkaInstance(broker: string, topics: KafkaInstance['topics']): KafkaInstance {
  return {
    instanceId: 'alikafka_pre-cn-local0000001',
    name: 'local-kafka',
    edition: 'professional',
    version: '2.6.2',
    vpcId,
    vSwitchId: firstVSwitch.vSwitchId,
    securityGroupId: 'sg-bp1localkafka0000000001',
    serviceStatus: 5,
    broker,
    topics,
  };
}

function elasticsearchInstance(url: string, authorization: string | undefined): ElasticsearchInstance {
  return {
    instanceId: 'es-cn-local000000001',
    description: 'local-elasticsearch',
    vpcId,
    vSwitchId: firstVSwitch.vSwitchId,
    url,
    authorization,
    autoCreateIndex: '+.*,-*',
    privateNetworkIpWhiteList: [firstVSwitch.cidrBlock],
  };
}
