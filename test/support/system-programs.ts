/**
 * Tests that need the system's own servers and tools (`test/peers/get-tools.ts` gets them). Where one is not there, they
 * are left out, and say so; in CI that is a failure.
 */
import { describe } from 'vitest';
import { systemProgram } from '../peers/system-program.ts';

/** `describe` for tests that need all of the programs. Throws in CI where one is missing. */
export function describeWithPrograms(names: readonly string[], title: string, tests: () => void): void {
  const missing = names.filter((name) => systemProgram(name) === undefined);
  if (missing.length > 0 && process.env.CI)
    throw new Error(`These tests need ${missing.join(', ')}, and CI must have it.`);
  if (missing.length > 0) process.stderr.write(`skipped: these tests need ${missing.join(', ')}\n`);
  describe.skipIf(missing.length > 0)(title, tests);
}
