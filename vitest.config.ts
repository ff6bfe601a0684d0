import { defineConfig } from 'vitest/config';

const servers = ['test/**/*.servers.test.ts', 'test/follow-one-record.test.ts'];
const faults = ['test/**/*.faults.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...servers, ...faults],
          // Properties try thousands of cases, and the machine may have other work.
          testTimeout: 60_000,
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
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Servers of their own, since they are killed.
        test: {
          name: 'faults',
          include: faults,
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
