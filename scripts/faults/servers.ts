import { type ElasticsearchServer, startElasticsearch } from '../local/servers/elasticsearch.ts';
import { type KafkaServer, startKafka } from '../local/servers/kafka.ts';
import { FaultyProxy } from './proxy.ts';

/** The real servers that faults are made on, with a proxy before Elasticsearch. */
export interface Servers extends AsyncDisposable {
  readonly kafka: KafkaServer;
  readonly elasticsearch: ElasticsearchServer;
  readonly proxy: FaultyProxy;
}

export async function startServers(): Promise<Servers> {
  const [kafka, elasticsearch] = await Promise.all([startKafka(), startElasticsearch()]);
  const proxy = await FaultyProxy.start(elasticsearch.url);
  const stop = async () => {
    await Promise.all([proxy[Symbol.asyncDispose](), kafka.server.stop(), elasticsearch.server.stop()]);
  };
  return { kafka, elasticsearch, proxy, [Symbol.asyncDispose]: stop };
}
