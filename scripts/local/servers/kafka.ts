import { fileURLToPath } from 'node:url';
import { Kafka, logLevel } from 'kafkajs';
import { freePort, openHome } from './home.ts';
import { JavaServer } from './java-server.ts';

/** A running Kafka broker, plaintext. */
export interface KafkaServer {
  /** `host:port` of the broker. */
  readonly broker: string;
  readonly server: JavaServer;
}

const file = (name: string) => fileURLToPath(new URL(`kafka/${name}`, import.meta.url));

/** Starts Kafka 3.9.1 on free ports of the loopback interface; `dataFolder`, when given, keeps its data and its port for the next time. */
export async function startKafka(dataFolder?: string): Promise<KafkaServer> {
  const { port } = await openHome(dataFolder);
  const controllerPort = await freePort();
  const broker = `127.0.0.1:${port}`;
  const blueprint = {
    name: 'Kafka 3.9.1',
    pom: file('pom.xml'),
    launcher: file('Kafka.java'),
    dataFolder,
    jvmOptions: ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
    settings: {
      'process.roles': 'broker,controller',
      'node.id': 1,
      'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
      'controller.listener.names': 'CONTROLLER',
      listeners: `PLAINTEXT://${broker},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `PLAINTEXT://${broker}`,
      // As ApsaraMQ for Kafka has it: topics are made, never guessed.
      'auto.create.topics.enable': 'false',
      'offsets.topic.num.partitions': 1,
      'offsets.topic.replication.factor': 1,
      'transaction.state.log.replication.factor': 1,
      'transaction.state.log.min.isr': 1,
      'group.initial.rebalance.delay.ms': 0,
      // After a kill a broker is let in again only when its old session has ended.
      'broker.session.timeout.ms': 2000,
      'broker.heartbeat.interval.ms': 500,
    },
    answers: () => describeCluster(broker),
  };
  return { broker, server: await JavaServer.start(blueprint) };
}

async function describeCluster(broker: string): Promise<void> {
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    if (brokers.length === 0) throw new Error('the broker is not in the cluster yet');
  } finally {
    await admin.disconnect();
  }
}
