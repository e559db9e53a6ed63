/** How the tests are run; `npm test` (`test/run.ts`) starts them with this. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { compiledFolder } from './compile-threads.ts';
import { SlowestFirst } from './slowest-first.ts';

/** What the programs under test remember must not lie among a person's own things, or be there in another run. */
const remembered = mkdtempSync(join(tmpdir(), 'slackwater-test-data-'));
process.on('exit', () => rmSync(remembered, { recursive: true, force: true }));

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    env: {
      XDG_DATA_HOME: remembered,
      // They are started hundreds of times, from their sources.
      NODE_COMPILE_CACHE: compiledFolder,
    },
    globalSetup: 'build/compile-threads.ts',
    pool: 'forks',
    // Many tests wait, for locks to settle or for a store to give up: one more than the cores of a small machine.
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['default'],
  },
});
