/** What is in a folder, so that a test can say that nothing of it changed. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every file below the folder by its path, with the hash of its content. */
export function folderState(folder: string): Record<string, string> {
  const state: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    state[relative(folder, path)] = createHash('sha256').update(readFileSync(path)).digest('hex');
  }
  return state;
}
