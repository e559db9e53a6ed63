/**
 * The test files that take longest begin first, so that none of them is left to run alone at the end: Vitest would begin
 * with the largest where it does not remember how long each took, as in a new clone.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** From the longest on, each longer than half a minute. A file that is not named here comes after them. */
const slowest = [
  'test/renderer/window.test.ts',
  'test/interop/locks-that-lag.test.ts',
  'test/cli/bad-input.test.ts',
  'test/interop/both-ways.test.ts',
  'test/interop/locks-many.test.ts',
  'test/faults/secrets.test.ts',
  'test/interop/read-jobs.test.ts',
  'test/interop/stopped-runs.test.ts',
  'test/interop/object-stores.test.ts',
  'test/worker/engine-process.test.ts',
  'test/cli/command-line.test.ts',
  'test/faults/nth-fault.test.ts',
  'test/interop/pipes.test.ts',
  'test/e2e/tray.test.ts',
  'test/cli/json-forms.test.ts',
  'test/interop/remote.test.ts',
  'test/cli/interrupt.test.ts',
  'test/interop/locks.test.ts',
  'test/backend/rclone-faults.test.ts',
  'test/cli/store-away.test.ts',
  'test/backend/rclone-samba.test.ts',
  'test/interop/many-files.test.ts',
  'test/cli/default-vault.test.ts',
];

export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = slowest.findIndex((name) => moduleId.endsWith(name));
      return at === -1 ? slowest.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}
