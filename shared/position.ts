/** Where a record stands in Kafka; unique in a cluster as long as the topic is not deleted and made anew. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** The text form `topic+partition+offset`, as Confluent's and Aiven's sinks write it; a topic's name cannot hold a `+`. */
export function formatPosition({ topic, partition, offset }: Position): string {
  return `${topic}+${partition}+${offset}`;
}
