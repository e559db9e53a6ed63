/** How the tests are run; `npm test` (`test/run.ts`) starts them with this. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    // What the programs under test remember must not lie among a person's own things.
    env: { XDG_DATA_HOME: join(tmpdir(), 'slackwater-test-data') },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['default'],
  },
});
