// What kafkajs has no types for: its own way to the brokers, without which it reads only as a member of a consumer group.
declare module 'kafkajs/src/cluster/index.js' {
  import type { KafkaConfig, KafkaMessage, Logger } from 'kafkajs';

  interface FetchRequest {
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string; readonly maxBytes: number }[];
    }[];
    readonly maxBytes: number;
    readonly minBytes: number;
    readonly maxWaitTime: number;
    readonly isolationLevel: number;
  }
  interface FetchResponse {
    readonly responses: readonly { readonly partitions: readonly { readonly messages: readonly KafkaMessage[] }[] }[];
  }
  interface Broker {
    fetch(request: FetchRequest): Promise<FetchResponse>;
  }
  class Cluster {
    constructor(
      config: Omit<KafkaConfig, 'logLevel'> & {
        readonly logger: Logger;
        readonly metadataMaxAge: number;
        readonly allowAutoTopicCreation: boolean;
      },
    );
    connect(): Promise<void>;
    addTargetTopic(topic: string): Promise<void>;
    /** Partitions by the id of the node that leads them; those that the topic does not have are left out. */
    findLeaderForPartitions(topic: string, partitions: readonly number[]): { readonly [nodeId: string]: readonly number[] };
    findBroker(node: { readonly nodeId: string }): Promise<Broker>;
  }
  export default Cluster;
}
