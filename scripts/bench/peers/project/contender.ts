import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Contender } from '../contender.ts';

const program = fileURLToPath(new URL('program.ts', import.meta.url));
const tsx = createRequire(import.meta.url).resolve('tsx');

/** This project: the local event stream, which plays EventBridge's part, and the function as it ships. */
export function project(packageFolder: string, documentShape: 'envelope' | 'value'): Contender {
  return {
    name: `this project, ${documentShape}`,
    lacks: [],
    startsFunction: true,
    find: async () => ({
      version: 'this one',
      prepare: async (job) => ({
        file: process.execPath,
        args: ['--import', tsx, program, JSON.stringify(job), packageFolder, documentShape],
      }),
    }),
  };
}
