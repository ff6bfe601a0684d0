import { defineConfig } from 'vitest/config';

// What measures memory, and needs the machine for itself.
const quiet = ['test/**/memory*.test.ts', 'test/**/overflow.servers.test.ts'];
const faults = ['test/**/*.faults.test.ts'];
const servers = ['test/**/*.servers.test.ts', 'test/follow-one-record.test.ts'];
const sharedServers = 'test/support/shared-servers.ts';
/** How long a thing may take says nothing of whether it is right: the machine may have other work. */
const patience = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 60_000 } } };

// Each group of files after the other. Most of the time tests wait, for servers and for deadlines: more files than processors run at a time.
export default defineConfig({
  test: {
    globalSetup: 'test/support/built-package.ts',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...servers, ...faults, ...quiet],
          maxWorkers: '100%',
          ...patience,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // One Kafka and one Elasticsearch for all: every file makes topics and indices with names of its own.
        test: {
          name: 'servers',
          include: servers,
          exclude: quiet,
          globalSetup: sharedServers,
          maxWorkers: 4,
          ...patience,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Servers of their own, since they are killed or set up for trouble.
        test: { name: 'faults', include: faults, maxWorkers: 2, ...patience, sequence: { groupOrder: 2 } },
      },
      {
        test: { name: 'quiet', include: quiet, globalSetup: sharedServers, maxWorkers: 1, ...patience, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
