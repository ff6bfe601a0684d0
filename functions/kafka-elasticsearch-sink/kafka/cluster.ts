import Cluster, { type Broker } from 'kafkajs/src/cluster/index.js';
import type { Connection } from './connection.ts';

const metadataMaxAge = 300_000;

/** kafkajs's own way to the brokers, connected: its consumers read only as members of a group. */
export async function openCluster({ config, kafka }: Connection): Promise<Cluster> {
  const cluster = new Cluster({ ...config, logger: kafka.logger(), metadataMaxAge, allowAutoTopicCreation: false });
  await cluster.connect();
  return cluster;
}

/** The broker that leads a partition; undefined where the topic has no such partition, or nobody leads it. */
export async function leaderOf(cluster: Cluster, topic: string, partition: number): Promise<Broker | undefined> {
  await cluster.addTargetTopic(topic);
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  return nodeId === undefined ? undefined : cluster.findBroker({ nodeId });
}
