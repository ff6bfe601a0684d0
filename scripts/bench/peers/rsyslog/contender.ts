import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Contender, type Job, requestRecords } from '../contender.ts';

const install = 'Debian: apt-get install rsyslog rsyslog-kafka rsyslog-elasticsearch; BENCH_RSYSLOGD names rsyslogd where it is not found';
/** Where Debian has it: no directory of every user's path. */
const usualProgram = '/usr/sbin/rsyslogd';

/** https://www.rsyslog.com/doc/configuration/modules/imkafka.html, https://www.rsyslog.com/doc/configuration/modules/omelasticsearch.html */
export const rsyslog: Contender = {
  name: 'rsyslog, imkafka + omelasticsearch',
  lacks: ['ids', 'bad record alone'],
  find: async (folder) => {
    const program = process.env.BENCH_RSYSLOGD ?? usualProgram;
    const checked = join(folder, 'modules.conf');
    await writeFile(checked, `${loadModules}*.* /dev/null\n`);
    const { failed, stdout } = await execa(program, ['-v'], { reject: false });
    const modules = await execa(program, ['-N1', '-f', checked], { reject: false });
    if (failed || modules.failed) return { install };
    return {
      version: /rsyslogd\s+([\d.]+)/.exec(stdout)?.[0] ?? 'rsyslogd',
      prepare: async (job) => {
        const file = join(job.folder, 'rsyslog.conf');
        await writeFile(file, configure(job));
        return { file: program, args: ['-n', '-f', file, '-i', join(job.folder, 'rsyslog.pid')] };
      },
    };
  },
};

const loadModules = 'module(load="imkafka")\nmodule(load="omelasticsearch")\n';

/** Its queues hold little, so that it does not come to the topic's end while it is measured. */
function configure({ broker, folder, group, index, topic, url }: Job): string {
  const { hostname, port } = new URL(url);
  return `${loadModules}global(workDirectory="${folder}")
main_queue(queue.type="LinkedList" queue.size="${2 * requestRecords}")
template(name="document" type="string" string="%rawmsg%")
ruleset(name="write") {
  action(type="omelasticsearch" server="${hostname}" serverport="${port}" searchIndex="${index}" searchType="_doc" bulkmode="on"
    template="document" action.resumeRetryCount="-1"
    queue.type="LinkedList" queue.size="${2 * requestRecords}" queue.dequeueBatchSize="${requestRecords}")
}
input(type="imkafka" broker="${broker}" topic="${topic}" consumergroup="${group}" ruleset="write" confParam="auto.offset.reset=earliest")
`;
}
