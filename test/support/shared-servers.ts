import type { TestProject } from 'vitest/node';
import { type DistributionName, defaultDistribution } from '../../scripts/local/servers/elasticsearch/distributions.ts';
import { startElasticsearch } from '../../scripts/local/servers/elasticsearch.ts';
import { startKafka } from '../../scripts/local/servers/kafka.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `host:port` */
    broker: string;
    elasticsearchUrl: string;
    /** What answers there. */
    distribution: DistributionName;
  }
}

/** Starts the servers that all files share, of every project that asks for them; vitest calls what it returns at the end. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const shared = project.vitest.getRootProject();
  if ('broker' in shared.getProvidedContext()) return undefined;
  const [kafka, elasticsearch] = await Promise.all([startKafka(), startElasticsearch()]);
  shared.provide('broker', kafka.broker);
  shared.provide('elasticsearchUrl', elasticsearch.url);
  shared.provide('distribution', defaultDistribution);
  return async () => {
    await Promise.all([kafka.server.stop(), elasticsearch.server.stop()]);
  };
}
