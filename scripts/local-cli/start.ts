import { join } from 'node:path';
import { type Account, seededAccount } from '../local/api/account.ts';
import type { LocalCloud } from '../local/api/local-cloud.ts';
import { startElasticsearch } from '../local/servers/elasticsearch.ts';
import { openHome } from '../local/servers/home.ts';
import { startKafka } from '../local/servers/kafka.ts';
import { startCloud } from '../local/start-cloud.ts';
import { note, print } from '../terminal/output.ts';
import { runProgram } from '../terminal/program.ts';
import { runTask } from '../terminal/tasks.ts';
import { parseOptions, type StartOptions, usage } from './start-options.ts';

await runProgram({
  parse: parseOptions,
  usage,
  run: async (options) => {
    await run(options);
    return 0;
  },
});

async function run({ folder, generations, topic }: StartOptions): Promise<void> {
  const ended = signal();
  const servers = runTask(
    'Start Kafka 3.9.1 and Elasticsearch 7.10.2 (the first time, Maven downloads them)',
    () => Promise.all([startKafka(join(folder, 'kafka')), startElasticsearch({ dataFolder: join(folder, 'elasticsearch') })]),
    process.stdout,
  );
  const started = await Promise.race([servers, ended]);
  if (started === undefined) return;
  const [kafka, elasticsearch] = started;
  await using _kafka = kafka.server;
  await using _elasticsearch = elasticsearch.server;
  const account = seededAccount(
    { broker: kafka.broker, elasticsearchUrl: elasticsearch.url, topics: [{ topic, partitionNum: 12 }] },
    { functionComputeGenerations: generations },
  );
  const stateFolder = join(folder, 'cloud');
  const { port } = await openHome(stateFolder);
  const onDefect = (error: unknown) => note(`A fault of the local cloud: ${error instanceof Error ? error.stack : error}`);
  await using cloud = await startCloud({ account, stateFolder, port, onDefect });
  print(`\n${describe(account, cloud, folder)}`);
  await ended;
  note('\nStopping');
}

/** Resolves at Ctrl-C, which may come more than once: npm and tsx pass it on as well. */
function signal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => resolve());
  });
}

function describe(
  { accountId, accessKeys, elasticsearch, kafka, region, vSwitches, vpc }: Account,
  cloud: LocalCloud,
  folder: string,
): string {
  const [key] = accessKeys;
  const { topics, functions } = cloud.contents();
  return [
    `The local cloud runs; its state is in ${folder}. In another terminal:`,
    '',
    `export CLOUD_ENDPOINT=${cloud.endpoint}`,
    `export AccountID=${accountId} AccessKeyID=${key?.accessKeyId} AccessKeySecret=${key?.accessKeySecret}`,
    'export ES_PASSWORD=not-checked-here',
    '',
    `${region} has`,
    `  VPC ${vpc.vpcId}, ${vpc.cidrBlock}`,
    ...vSwitches.map(({ vSwitchId, zoneId, cidrBlock }) => `  vSwitch ${vSwitchId} in ${zoneId}, ${cidrBlock}`),
    ...kafka.map(({ instanceId, broker, edition }) => `  Kafka instance ${instanceId}, ${edition}, at ${broker}`),
    ...topics.map((topic) => `  topic ${topic}`),
    ...elasticsearch.map(({ instanceId, url }) => `  Elasticsearch instance ${instanceId}, at ${url}`),
    ...functions.map((name) => `  function ${name}`),
    '',
    'Ctrl-C stops it.',
  ].join('\n');
}
