import { readFileSync } from 'node:fs';
import { arch, cpus, totalmem, type } from 'node:os';
import { defaultDistribution } from '../local/servers/elasticsearch/distributions.ts';

/** What the figures were taken on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** In GB. */
  readonly memory: number;
  readonly system: string;
  readonly node: string;
  /** The server's version, started from the jars that the project names. */
  readonly kafka: string;
  readonly elasticsearch: string;
}

/** Describes this machine, and the servers that are started on it. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${arch()}`,
    node: process.version.slice(1),
    kafka: kafkaVersion(),
    elasticsearch: defaultDistribution,
  };
}

/** The version of the pom's own artifact, which is the server's. */
function kafkaVersion(): string {
  const pom = readFileSync(new URL('../local/servers/kafka/pom.xml', import.meta.url), 'utf8');
  return /<version>([^<]+)<\/version>/.exec(pom)?.[1] ?? 'unknown';
}

/** The machine in one line. */
export function machineLine({ cpu, cores, memory, system, node, kafka, elasticsearch }: Machine): string {
  return `${cpu}, ${cores} cores, ${memory} GB, ${system}, Node ${node}, Kafka ${kafka}, Elasticsearch ${elasticsearch}`;
}
