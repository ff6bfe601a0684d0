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

/** More listeners than the plaintext one. */
export interface KafkaSecurity {
  /** The broker's own settings, over those that it has anyway, with the plaintext listener's among them. */
  readonly settings: (plaintext: { readonly listeners: string; readonly advertised: string }) => { readonly [name: string]: string };
  /** User for SCRAM, which a broker knows from its first start. */
  readonly user: { readonly name: string; readonly password: string };
}

/** Starts Kafka 3.9.1 on free ports of the loopback interface; `dataFolder`, when given, keeps its data and its port for the next time. */
export async function startKafka(dataFolder?: string, security?: KafkaSecurity): Promise<KafkaServer> {
  const { port } = await openHome(dataFolder);
  const controllerPort = await freePort();
  const broker = `127.0.0.1:${port}`;
  const listeners = `PLAINTEXT://${broker},CONTROLLER://127.0.0.1:${controllerPort}`;
  const advertised = `PLAINTEXT://${broker}`;
  const blueprint = {
    name: 'Kafka 3.9.1',
    pom: file('pom.xml'),
    launcher: { folders: [file('')], main: 'Kafka' },
    oldestJdk: 17,
    dataFolder,
    jvmOptions: ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', ...scramOptions(security)],
    settings: {
      'process.roles': 'broker,controller',
      'node.id': 1,
      'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
      'controller.listener.names': 'CONTROLLER',
      listeners,
      'advertised.listeners': advertised,
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
      ...security?.settings({ listeners, advertised }),
    },
    isReady: () => describeCluster(broker),
  };
  return { broker, server: await JavaServer.start(blueprint) };
}

function scramOptions(security: KafkaSecurity | undefined): string[] {
  if (!security) return [];
  const { name, password } = security.user;
  return [`-Dscram=SCRAM-SHA-256=[name=${name},password=${password}];SCRAM-SHA-512=[name=${name},password=${password}]`];
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
