// A program that starts both servers, says so, and then waits for its end.
import { startElasticsearch } from '../../scripts/local/servers/elasticsearch.ts';
import { startKafka } from '../../scripts/local/servers/kafka.ts';

const [kafka, elasticsearch] = await Promise.all([startKafka(), startElasticsearch()]);
process.stdout.write(
  `${JSON.stringify({ broker: kafka.broker, url: elasticsearch.url, pids: [kafka.server.pid, elasticsearch.server.pid] })}\n`,
);
setInterval(() => undefined, 60_000);
