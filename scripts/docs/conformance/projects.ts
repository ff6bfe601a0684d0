import type { Project } from './behaviour.ts';
import { confluentIntegration } from './confluent-integration.ts';
import { confluentUnit } from './confluent-unit.ts';
import { aiven, elasticsearchJs, logstash, redpanda, vector } from './others.ts';
import { serverlessForwarder } from './serverless-forwarder.ts';

/** The projects whose tests were read, each at one commit. */
export const projects: readonly Project[] = [
  {
    name: 'Confluent: Kafka Connect Elasticsearch',
    repository: 'https://github.com/confluentinc/kafka-connect-elasticsearch',
    commit: '19306d456b9f65ec4b8e9ad8f0656ae135ee8a89',
    suites: [...confluentIntegration, ...confluentUnit],
  },
  {
    name: 'Elastic: serverless forwarder',
    repository: 'https://github.com/elastic/elastic-serverless-forwarder',
    commit: 'b94fa97c7ca00b6167be6e43580b13cbc0acf9ef',
    suites: serverlessForwarder,
  },
  {
    name: 'Aiven: OpenSearch connector',
    repository: 'https://github.com/Aiven-Open/opensearch-connector-for-apache-kafka',
    commit: '59bc7c33aff87d64fe61299626c9d94ce898e776',
    suites: aiven,
  },
  {
    name: 'Logstash: Elasticsearch output',
    repository: 'https://github.com/logstash-plugins/logstash-output-elasticsearch',
    commit: 'b134443f2cb40fc484ed29f14a343c2fab5789a7',
    suites: logstash,
  },
  {
    name: 'Elastic: client for JavaScript',
    repository: 'https://github.com/elastic/elasticsearch-js',
    commit: 'dcc98b2e050005cef35421e60d002e9ec49c7b88',
    suites: elasticsearchJs,
  },
  {
    name: 'Vector: Elasticsearch sink',
    repository: 'https://github.com/vectordotdev/vector',
    commit: 'c3445d42d2799eb9afe102b71cba7ae96a80942b',
    suites: vector,
  },
  {
    name: 'Redpanda Connect: Elasticsearch and OpenSearch outputs',
    repository: 'https://github.com/redpanda-data/connect',
    commit: '48a4b646e47c97e2760a8826e858803d031476b2',
    suites: redpanda,
  },
];
