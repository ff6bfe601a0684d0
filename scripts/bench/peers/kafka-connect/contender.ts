import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { freePort } from '../../../local/servers/home.ts';
import { resolveJars } from '../../../local/servers/jars.ts';
import { type Command, type Contender, type Job, requestRecords } from '../contender.ts';

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The runtime of Kafka Connect, standalone, with the least that can be called a sink. */
export const kafkaConnect: Contender = {
  name: 'Kafka Connect, minimal sink task',
  lacks: ['bad record alone'],
  find: async (folder) => {
    const jars = await resolveJars(file('pom.xml'));
    await execa('javac', ['-nowarn', '-d', folder, '-cp', jars, file('BulkSink.java')]);
    const version = /connect-runtime-([\d.]+)\.jar/.exec(jars)?.[1] ?? 'unknown';
    return { version: `connect-runtime ${version}`, prepare: (job) => prepare(job, `${folder}:${jars}`) };
  },
};

async function prepare(job: Job, classPath: string): Promise<Command> {
  const worker = join(job.folder, 'worker.properties');
  const connector = join(job.folder, 'connector.properties');
  await writeFile(worker, propertiesText(await workerProperties(job)));
  await writeFile(connector, propertiesText(connectorProperties(job)));
  const options = ['-Xmx1g', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
  return { file: 'java', args: [...options, '-cp', classPath, 'org.apache.kafka.connect.cli.ConnectStandalone', worker, connector] };
}

async function workerProperties({ broker, folder }: Job) {
  return {
    'bootstrap.servers': broker,
    listeners: `http://127.0.0.1:${await freePort()}`,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'offset.storage.file.filename': join(folder, 'offsets'),
    'consumer.max.poll.records': requestRecords,
  };
}

/** The runtime names the consumer group after the connector: `connect-<name>`. */
function connectorProperties({ group, index, topic, url }: Job) {
  return { name: group.replace(/^connect-/, ''), 'connector.class': 'BulkSink', 'tasks.max': 1, topics: topic, url, index };
}

function propertiesText(properties: { readonly [name: string]: string | number }): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
