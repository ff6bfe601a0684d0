import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Contender } from '../contender.ts';

const program = fileURLToPath(new URL('program.mjs', import.meta.url));

/** A Node program of a screenful, as many write it. */
export const kafkajs: Contender = {
  name: 'kafkajs + helpers.bulk',
  lacks: ['exactness', 'bad record alone'],
  find: async () => ({
    version: `kafkajs ${versionOf('kafkajs')}, @elastic/elasticsearch ${versionOf('@elastic/elasticsearch')}`,
    prepare: async (job) => ({ file: process.execPath, args: [program, JSON.stringify(job)] }),
  }),
};

function versionOf(name: string): string {
  const { version }: { version: string } = createRequire(import.meta.url)(`${name}/package.json`);
  return version;
}
