import { fileURLToPath } from 'node:url';
import { freePort, openHome } from './home.ts';
import { JavaServer } from './java-server.ts';

/** A running Elasticsearch node, without security: any user and password are taken. */
export interface ElasticsearchServer {
  readonly url: string;
  readonly server: JavaServer;
}

const file = (name: string) => fileURLToPath(new URL(`elasticsearch/${name}`, import.meta.url));

/**
 * Starts Elasticsearch 7.10.2 on free ports of the loopback interface; `settings` are the node's own, added or replaced; `dataFolder`, when
 * given, keeps its data and its port for the next time.
 */
export async function startElasticsearch(
  settings: { readonly [name: string]: string } = {},
  dataFolder?: string,
): Promise<ElasticsearchServer> {
  const { port } = await openHome(dataFolder);
  const url = `http://127.0.0.1:${port}`;
  const blueprint = {
    name: 'Elasticsearch 7.10.2',
    pom: file('pom.xml'),
    launcher: file('Elasticsearch.java'),
    dataFolder,
    jvmOptions: ['-Xmx512m', '-XX:TieredStopAtLevel=1'],
    settings: {
      'discovery.type': 'single-node',
      'network.host': '127.0.0.1',
      'http.port': port,
      'transport.port': await freePort(),
      // As Alibaba Cloud's clusters have it: https://www.alibabacloud.com/help/en/document_detail/61336.html
      'action.auto_create_index': '+.*,-*',
      'cluster.routing.allocation.disk.threshold_enabled': 'false',
      ...settings,
    },
    isReady: async () => {
      const response = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`);
      if (!response.ok) throw new Error(`status ${response.status}`);
    },
  };
  return { url, server: await JavaServer.start(blueprint) };
}
