import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Contender, requestRecords } from '../contender.ts';

const program = fileURLToPath(new URL('program.py', import.meta.url));
/** The Elasticsearch client of the server's own major version: newer ones refuse a server that does not say that it is Elastic's. */
const packages = 'confluent-kafka==2.16.1 elasticsearch==7.17.12';
const printVersions = [
  'from importlib.metadata import version',
  'import confluent_kafka, elasticsearch',
  "print(f\"confluent-kafka {version('confluent-kafka')}, elasticsearch {version('elasticsearch')}\")",
].join('\n');

/** A Python program of a screenful, on librdkafka. `BENCH_PYTHON` names the interpreter that has the packages; `python3` otherwise. */
export const confluentKafka: Contender = {
  name: 'confluent-kafka + streaming_bulk (Python)',
  lacks: ['exactness', 'bad record alone'],
  find: async () => {
    const python = process.env.BENCH_PYTHON ?? 'python3';
    const { failed, stdout } = await execa(python, ['-c', printVersions], { reject: false });
    if (failed) return { install: `pip install ${packages}, and BENCH_PYTHON names the interpreter that has them` };
    return {
      version: stdout,
      prepare: async (job) => ({ file: python, args: [program, JSON.stringify(job), String(requestRecords)] }),
    };
  },
};
