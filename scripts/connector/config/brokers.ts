import type { ElasticsearchInstance } from '../cloud/elasticsearch.ts';
import type { KafkaInstance } from '../cloud/kafka.ts';
import type { Props } from './schema.ts';

/** What decides how the function reaches brokers and Elasticsearch: the instances, as the cloud tells of them, and the function's own network. */
export interface Instances {
  readonly kafka: KafkaInstance | undefined;
  readonly elasticsearch: ElasticsearchInstance | undefined;
  readonly network: { readonly vpcId: string | undefined };
}

/** The instances where nothing of the cloud is known: what the properties say decides. */
export const unknownInstances: Instances = { kafka: undefined, elasticsearch: undefined, network: { vpcId: undefined } };

/** The brokers as the function can reach them, `host:port,host:port`: those of the properties, or the instance's endpoint for its network, if any. */
export function brokersOf({ kafka: props }: Props, { kafka, network }: Instances): string | undefined {
  const isInReach = props.bootstrapServers !== undefined || props.securityProtocol === 'SASL_SSL' || kafka?.vpcId === network.vpcId;
  return isInReach ? addressOf({ kafka: props }, kafka) : undefined;
}

/** The brokers for whoever is in the right network: https://www.alibabacloud.com/help/en/apsaramq-for-kafka/cloud-message-queue-for-kafka/product-overview/comparison-among-endpoints */
export function addressOf({ kafka: props }: Pick<Props, 'kafka'>, instance: KafkaInstance | undefined): string | undefined {
  if (props.bootstrapServers !== undefined) return props.bootstrapServers;
  // The one for TLS is on the Internet, the others are in the instance's VPC.
  const { plaintext, sasl, ssl } = instance?.endpoints ?? {};
  return props.securityProtocol === 'SASL_SSL' ? ssl : props.securityProtocol === 'SASL_PLAINTEXT' ? sasl : plaintext;
}

/** Where rejected records go: the topic, unless no broker can be reached or an index was asked for. */
export function errorDestinationOf(props: Props, brokers: string | undefined): 'topic' | 'index' | 'both' {
  const { errorDataTopic } = props.kafka;
  const { errorIndex } = props.elasticsearch;
  if (brokers === undefined) return 'index';
  if (errorIndex === undefined) return 'topic';
  // The settings' own check refuses it, with its reason.
  return errorDataTopic === undefined ? 'index' : 'both';
}
