/**
 * The system's own servers and tools as tests see them (`test/peers/get-tools.ts` gets them). Tests that need one that
 * is not there are left out, and say so; in CI that is a failure.
 */
import { describe } from 'vitest';
import { isProgram } from '../peers/known-peers.ts';

/** Where servers are, which the PATH of an ordinary user does not name. */
const forServers = ['/usr/sbin', '/usr/local/sbin'];

/** Its path, or undefined. */
export function systemProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), ...forServers];
  return folders
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => `${folder}/${name}`)
    .find(isProgram);
}

/** `describe` for tests that need all of the programs. Throws in CI where one is missing. */
export function describeWithPrograms(names: readonly string[], title: string, tests: () => void): void {
  const missing = names.filter((name) => systemProgram(name) === undefined);
  if (missing.length > 0 && process.env.CI)
    throw new Error(`These tests need ${missing.join(', ')}, and CI must have it.`);
  if (missing.length > 0) process.stderr.write(`skipped: these tests need ${missing.join(', ')}\n`);
  describe.skipIf(missing.length > 0)(title, tests);
}
