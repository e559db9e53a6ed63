/**
 * How long a vault of many blobs takes to open, how much memory it takes, and how long the event loop waits
 * meanwhile: each count in a process of its own, on index files as restic writes them (50 000 blobs each).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectFolder } from '../../build/run-tool.ts';
import { makeManyBlobs, password } from './make-many-blobs.ts';
import type { Opened } from './open-vault.ts';

export const bytesEachMax = 80;
const openingMsMax = 3_000;
const openingBlobs = 1_000_000;
const blockedMsMax = 50;

export async function measureOpening(
  folder: string,
  counts: readonly number[],
  say: (text: string) => void,
): Promise<void> {
  const compiled = fileURLToPath(new URL('../../build/out/engine', import.meta.url));
  say(
    '| blobs | opening | CPU time | longest wait of the event loop | of it at work | memory | memory a blob | |\n|--:|--:|--:|--:|--:|--:|--:|---|\n',
  );
  let empty: Opened | undefined;
  for (const count of [...counts].sort((a, b) => a - b)) {
    const repository = join(folder, `blobs-${count}`);
    mkdirSync(repository, { recursive: true });
    await makeManyBlobs(repository, count);
    const opened = openVault(compiled, repository);
    empty ??= opened;
    const bytesEach = count === 0 ? 0 : (opened.memoryBytes - empty.memoryBytes) / count;
    const isMet =
      bytesEach <= bytesEachMax &&
      Math.min(opened.blockedMsMax, opened.workedMsMax) <= blockedMsMax &&
      (count > openingBlobs || opened.ms < openingMsMax);
    const cells = [
      count.toLocaleString('en'),
      `${(opened.ms / 1000).toFixed(2)} s`,
      `${(opened.cpuMs / 1000).toFixed(2)} s`,
      `${opened.blockedMsMax.toFixed(0)} ms`,
      `${opened.workedMsMax.toFixed(0)} ms`,
      `${(opened.memoryBytes / 1e6).toFixed(0)} MB`,
      count === 0 ? '' : `${bytesEach.toFixed(1)} B`,
      isMet ? 'met' : '**missed**',
    ];
    say(`| ${cells.join(' | ')} |\n`);
  }
  say(
    `\nAsked: ${openingBlobs.toLocaleString('en')} blobs under ${openingMsMax / 1000} s, at most ${bytesEachMax} bytes ` +
      `a blob at the peak, no wait over ${blockedMsMax} ms.\n`,
  );
}

function openVault(compiled: string, repository: string): Opened {
  const script = fileURLToPath(new URL('open-vault.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, compiled, repository, password], {
    cwd: projectFolder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Opened;
}
