import type { TestProject } from 'vitest/node';
import { type DistributionName, defaultDistribution } from '../../scripts/local/servers/elasticsearch/distributions.ts';
import { startElasticsearch } from '../../scripts/local/servers/elasticsearch.ts';
import { startKafka } from '../../scripts/local/servers/kafka.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `host:port` */
    broker: string;
    elasticsearchUrl: string;
    /** What answers there; a project that provides it gets such a server of its own. */
    distribution: DistributionName;
  }
}

type Teardown = () => Promise<void>;

/**
 * Starts the servers that all files of a project share: one Kafka for all projects; one Elasticsearch for those that name no distribution, another
 * for each that does. vitest calls what it returns at the end of all.
 */
export default async function setup(project: TestProject): Promise<Teardown> {
  const teardowns = await Promise.all([shareKafka(project.vitest.getRootProject()), provideElasticsearch(project)]);
  return async () => {
    await Promise.all(teardowns.map((teardown) => teardown?.()));
  };
}

async function shareKafka(root: TestProject): Promise<Teardown | undefined> {
  if ('broker' in root.getProvidedContext()) return undefined;
  const { broker, server } = await startKafka();
  root.provide('broker', broker);
  return () => server.stop();
}

async function provideElasticsearch(project: TestProject): Promise<Teardown | undefined> {
  const { distribution } = project.config.provide;
  if (distribution !== undefined) return startFor(project, distribution);
  const root = project.vitest.getRootProject();
  return 'elasticsearchUrl' in root.getProvidedContext() ? undefined : startFor(root, defaultDistribution);
}

async function startFor(project: TestProject, distribution: DistributionName): Promise<Teardown> {
  const { url, server } = await startElasticsearch({ distribution });
  project.provide('elasticsearchUrl', url);
  project.provide('distribution', distribution);
  return () => server.stop();
}
