import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { countTests, lastLine } from './count-tests.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const passed = { status: 'passed', assertionResults: [{ status: 'passed' }] };
const broken = { status: 'failed', assertionResults: [] };
const failed = { status: 'failed', assertionResults: [{ status: 'failed' }] };

function reportOf(testResults: readonly object[], numFailedTests: number): string {
  const path = join(temporaryFolder(), 'report.json');
  const counts = { numPassedTests: 5, numFailedTests, numPendingTests: 2, numTodoTests: 1 };
  writeFileSync(path, JSON.stringify({ ...counts, testResults }));
  return path;
}

it.each([
  ['5 passed, 0 failed, 3 skipped', [passed], 0, 0],
  ['5 passed, 1 failed, 3 skipped', [passed, failed], 1, 1],
  ['5 passed, 2 failed, 3 skipped', [broken, failed], 1, 1],
  ['5 passed, 1 failed, 3 skipped', [passed], 0, 1],
] as const)('says %s', (line, testResults, failedTests, exitCode) => {
  expect(lastLine(countTests(reportOf(testResults, failedTests), exitCode))).toBe(line);
});

it('counts a report that is not there as a failure', () => {
  expect(lastLine(countTests(join(temporaryFolder(), 'none'), 0))).toBe('0 passed, 1 failed, 0 skipped');
});
