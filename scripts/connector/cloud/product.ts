/** The cloud's products by the names that their users know. */
export type Product =
  | 'Function Compute'
  | 'ApsaraMQ for Kafka'
  | 'EventBridge'
  | 'Elasticsearch'
  | 'VPC'
  | 'ECS'
  | 'RAM'
  | 'Resource Management'
  | 'Log Service';

/** What RAM calls the products. */
const prefixes: { readonly [product in Product]: string } = {
  'Function Compute': 'fc',
  'ApsaraMQ for Kafka': 'alikafka',
  EventBridge: 'eventbridge',
  Elasticsearch: 'elasticsearch',
  VPC: 'vpc',
  ECS: 'ecs',
  RAM: 'ram',
  'Resource Management': 'ram',
  'Log Service': 'log',
};

/** The permissions that are not called as their calls: https://github.com/AlibabaCloudDocs/alikafka, RAM policies; https://help.aliyun.com/zh/es/developer-reference/api-elasticsearch-2017-06-13-updateprivatenetworkwhiteips */
const permissions: { readonly [call: string]: string } = {
  GetInstanceList: 'ListInstance',
  GetTopicList: 'ListTopic',
  GetTopicStatus: 'ListTopic',
  GetConsumerList: 'ListGroup',
  GetConsumerProgress: 'ListGroup',
  CreateConsumerGroup: 'CreateGroup',
  DeleteConsumerGroup: 'DeleteGroup',
  UpdateConsumerOffset: 'UpdateGroup',
  UpdatePrivateNetworkWhiteIps: 'UpdateWhiteIps',
  GetLogs: 'GetLogStoreLogs',
};

/** The permission that a call needs, as a RAM policy spells it: `alikafka:ListTopic`. */
export function ramAction(product: Product, call: string): string {
  return `${prefixes[product]}:${permissions[call] ?? call}`;
}
