import { defineConfig } from 'vitest/config';

const servers = ['test/**/*.servers.test.ts', 'test/follow-one-record.test.ts'];
const faults = ['test/**/*.faults.test.ts'];
/** How long a thing may take says nothing of whether it is right: the machine may have other work. */
const patience = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 60_000 } } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...servers, ...faults],
          ...patience,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // One Kafka and one Elasticsearch for all: every file makes topics and indices with names of its own.
        test: {
          name: 'servers',
          include: servers,
          globalSetup: 'test/support/global-setup.ts',
          fileParallelism: false,
          ...patience,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Servers of their own, since they are killed.
        test: {
          name: 'faults',
          include: faults,
          fileParallelism: false,
          ...patience,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
