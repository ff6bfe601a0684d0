import type { TestProject } from 'vitest/node';
import { buildPackage } from '../../scripts/bundle/package.ts';
import { startElasticsearch } from '../../scripts/local/servers/elasticsearch.ts';
import { startKafka } from '../../scripts/local/servers/kafka.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `host:port` */
    broker: string;
    elasticsearchUrl: string;
  }
}

/** Starts the servers that all files of the project share; vitest calls what it returns at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildPackage();
  const [kafka, elasticsearch] = await Promise.all([startKafka(), startElasticsearch()]);
  project.provide('broker', kafka.broker);
  project.provide('elasticsearchUrl', elasticsearch.url);
  return async () => {
    await Promise.all([kafka.server.stop(), elasticsearch.server.stop()]);
  };
}
