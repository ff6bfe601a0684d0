import { defineConfig } from 'vitest/config';
import { distributions } from './scripts/local/servers/elasticsearch/distributions.ts';
import { onDistribution, onSecured } from './vitest.config.ts';

// All behaviours of the function that a server decides about, on each server: `npm run test:matrix`, which runs one project after the other.
export default defineConfig({
  test: {
    globalSetup: 'test/support/built-package.ts',
    projects: Object.values(distributions).map(({ name }) =>
      name === '7.5.1-secured' ? onSecured(name) : onDistribution(name, ['test/functions/**/*.servers.test.ts']),
    ),
  },
});
