/** Folders for what runs by itself, outside of the tests: campaigns, and the benchmark. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A new empty folder in `parent`, removed when this process ends; also where a person stops it, which ends it in order. */
export function campaignFolder(parent: string, name: string): string {
  const folder = mkdtempSync(join(parent, `slackwater-${name}-`));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
  return folder;
}
