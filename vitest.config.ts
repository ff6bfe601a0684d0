import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import type { DistributionName } from './scripts/local/servers/elasticsearch/distributions.ts';

// What measures memory, and needs the machine for itself.
const quiet = ['test/**/memory*.test.ts'];
const faults = ['test/**/*.faults.test.ts'];
const servers = ['test/**/*.servers.test.ts', 'test/follow-one-record.test.ts'];
const secured = ['test/**/*.secured.test.ts'];
const sharedServers = 'test/support/shared-servers.ts';
/** How long a thing may take says nothing of whether it is right: the machine may have other work. */
const patience = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 60_000 } } };

/** The project that runs these files on a server of that distribution, which is started for it. */
export function onDistribution(distribution: DistributionName, include: readonly string[]): TestProjectInlineConfiguration {
  return {
    test: {
      name: distribution,
      include: [...include],
      exclude: quiet,
      provide: { distribution },
      globalSetup: sharedServers,
      maxWorkers: 5,
      ...patience,
      sequence: { groupOrder: 1 },
    },
  };
}

/** Each file with a server of its own that has users, roles and TLS. */
export function onSecured(name: string): TestProjectInlineConfiguration {
  return { test: { name, include: secured, fileParallelism: false, ...patience, sequence: { groupOrder: 3 } } };
}

/** What else than 7.10.2 the usual run tries. `npm run test:matrix` tries all behaviours on every server. */
const otherServers: readonly DistributionName[] = ['7.0.1', '8.19.21'];
/** The behaviours whose result is the server's: how it words an error, what it makes of names, templates, ids and versions. */
const decidedByServer = [
  'data-stream',
  'document-id',
  'index-creation',
  'null-value',
  'pipeline',
  'redaction',
  'rejected-record',
  'routing',
  'split',
  'target-fault',
  'time-series',
  'whose-fault',
  'write-mode',
].map((behaviour) => `test/functions/*/behaviour/${behaviour}.servers.test.ts`);

/** Those that wait longest, for a cloud or for what never comes: last of all they would run alone. */
const longest = /\/scripts\/(connector|demo)\/|\/silence\./;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => Number(longest.test(other.moduleId)) - Number(longest.test(one.moduleId)));
  }
}

// Each group of files after the other. Most of the time tests wait, for servers and for deadlines: more files than processors run at a time.
export default defineConfig({
  test: {
    globalSetup: 'test/support/built-package.ts',
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...servers, ...faults, ...secured, ...quiet],
          maxWorkers: Math.max(2, availableParallelism()),
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
          maxWorkers: 5,
          ...patience,
          sequence: { groupOrder: 1 },
        },
      },
      ...otherServers.map((distribution) => onDistribution(distribution, decidedByServer)),
      {
        // Servers of their own, since they are killed or set up for trouble.
        // One file at a time: of two that start servers in the same second, one may take the port that the other was told is free.
        test: { name: 'faults', include: faults, fileParallelism: false, ...patience, sequence: { groupOrder: 2 } },
      },
      onSecured('secured'),
      {
        test: { name: 'quiet', include: quiet, globalSetup: sharedServers, maxWorkers: 1, ...patience, sequence: { groupOrder: 4 } },
      },
    ],
  },
});
