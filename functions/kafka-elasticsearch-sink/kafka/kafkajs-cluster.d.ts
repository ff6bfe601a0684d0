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
  export interface Broker {
    readonly connectionPool: {
      send<Result>(exchange: { readonly request: object; readonly response: ProtocolResponse<Result> }): Promise<Result>;
    };
    fetch(request: FetchRequest): Promise<FetchResponse>;
  }
  /** How a response is read, and how errors in it are thrown. */
  interface ProtocolResponse<Result> {
    decode(bytes: Buffer): Promise<Result>;
    parse(result: Result): Promise<Result>;
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

declare module 'kafkajs/src/protocol/decoder.js' {
  class Decoder {
    readonly buffer: Buffer;
    offset: number;
    constructor(bytes: Buffer);
    readInt16(): number;
    readInt32(): number;
    readInt64(): bigint | { toString(): string };
    readString(): string;
    readBytes(length?: number): Buffer;
    readArray<Item>(read: (decoder: Decoder) => Item): Item[];
  }
  export default Decoder;
}
declare module 'kafkajs/src/protocol/recordBatch/v0/decoder.js' {
  import type { KafkaMessage } from 'kafkajs';
  import type Decoder from 'kafkajs/src/protocol/decoder.js';

  export default function decodeRecordBatch(decoder: Decoder): Promise<{
    readonly firstOffset: string;
    readonly lastOffsetDelta: number;
    readonly inTransaction: boolean;
    readonly isControlBatch: boolean;
    readonly producerId: string;
    readonly records: readonly KafkaMessage[];
  }>;
}
declare module 'kafkajs/src/protocol/messageSet/decoder.js' {
  import type { KafkaMessage } from 'kafkajs';
  import type Decoder from 'kafkajs/src/protocol/decoder.js';

  export default function decodeMessageSet(decoder: Decoder, bytes: number): Promise<readonly KafkaMessage[]>;
}
declare module 'kafkajs/src/protocol/requests/fetch/v4/request.js' {
  export default function fetchRequest(request: object): object;
}
declare module 'kafkajs/src/protocol/requests/fetch/v4/response.js' {
  const response: { parse<Result>(result: Result): Promise<Result> };
  export default response;
}
