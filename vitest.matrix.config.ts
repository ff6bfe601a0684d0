import { defineConfig } from 'vitest/config';
import { distributions } from './scripts/local/servers/elasticsearch/distributions.ts';
import { onDistribution } from './vitest.config.ts';

// All behaviours of the function that a server decides about, on each server: `npm run test:matrix`, which runs one project after the other.
export default defineConfig({
  test: {
    globalSetup: 'test/support/built-package.ts',
    projects: Object.values(distributions).map(({ name }) => onDistribution(name, ['test/functions/**/*.servers.test.ts'])),
  },
});
