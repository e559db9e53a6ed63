/** Temporary folders for tests, removed after the test (or, made in a hook, after the file's last test). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

const left: string[] = [];
afterAll(() => {
  for (const path of left.splice(0)) removeFolder(path);
});

/** A new empty folder of this test's or hook's own. Call it in a test or a hook, not while tests are declared. */
export function temporaryFolder(purpose = 'test'): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `slackwater-${purpose}-`)));
  try {
    onTestFinished(() => removeFolder(path));
  } catch {
    // Not within a test.
    left.push(path);
  }
  return path;
}

/** Removes what is there, whatever its names and modes are. */
export function removeFolder(path: string): void {
  if (process.platform !== 'win32' && process.getuid?.() !== 0) {
    const closed = ['-type', 'd', '!', '-perm', '-u+rwx'];
    execFileSync('find', [path, ...closed, '-exec', 'chmod', 'u+rwx', '{}', ';'], { stdio: 'ignore' });
  }
  execFileSync('rm', ['-rf', '--', path]);
}
