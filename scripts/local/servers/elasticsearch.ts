import { type DistributionName, defaultDistribution, distributions } from './elasticsearch/distributions.ts';
import { freePort, openHome } from './home.ts';
import { JavaServer } from './java-server.ts';

/** A running Elasticsearch node; any user and password are taken unless its distribution is secured. */
export interface ElasticsearchServer {
  readonly url: string;
  readonly server: JavaServer;
}

export interface ElasticsearchOptions {
  /** The node's own, added or replaced. */
  readonly settings?: { readonly [name: string]: string };
  /** Keeps its data and its port there for the next time; for once when undefined. */
  readonly dataFolder?: string;
  /** Elasticsearch 7.10.2 when undefined. */
  readonly distribution?: DistributionName;
  /** Written into its folder before it starts, by their paths in it. */
  readonly files?: { readonly [path: string]: string };
  /** How its URL begins; `http` when undefined. */
  readonly protocol?: 'http' | 'https';
  /** Resolves when the node at this URL answers a client; by default, when it does without authentication. */
  readonly isReady?: (url: string) => Promise<unknown>;
}

/** Starts a node on free ports of the loopback interface. */
export async function startElasticsearch(options: ElasticsearchOptions = {}): Promise<ElasticsearchServer> {
  const { settings, dataFolder, distribution: name = defaultDistribution, files, protocol = 'http', isReady = isHealthy } = options;
  const distribution = distributions[name];
  const { port } = await openHome(dataFolder);
  const url = `${protocol}://127.0.0.1:${port}`;
  const blueprint = {
    name: distribution.label,
    pom: distribution.pom,
    properties: distribution.properties,
    launcher: { folders: distribution.launcher, main: 'Elasticsearch' },
    oldestJdk: distribution.oldestJdk,
    dataFolder,
    files,
    jvmOptions: ['-Xmx512m', '-XX:TieredStopAtLevel=1', ...distribution.jvmOptions],
    settings: {
      'discovery.type': 'single-node',
      'network.host': '127.0.0.1',
      'http.port': port,
      'transport.port': await freePort(),
      // As Alibaba Cloud's clusters have it: https://www.alibabacloud.com/help/en/document_detail/61336.html
      'action.auto_create_index': '+.*,-*',
      'cluster.routing.allocation.disk.threshold_enabled': 'false',
      ...distribution.settings,
      ...settings,
    },
    isReady: () => isReady(url),
  };
  return { url, server: await JavaServer.start(blueprint) };
}

async function isHealthy(url: string): Promise<void> {
  const response = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`);
  if (!response.ok) throw new Error(`status ${response.status}`);
}
