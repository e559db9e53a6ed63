/** What every row begins with: files to back up, and an empty repository that restic made, to be copied. */
import { randomFillSync } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runRestic } from '../support/restic.ts';

export const password = 'correct horse';

export interface Place {
  readonly folder: string;
  readonly sources: string;
  /** Copies the empty repository. */
  copyRepository(to: string): void;
}

export interface PlaceSize {
  readonly largeFiles: number;
  readonly largeBytes: number;
  readonly smallFiles: number;
}

/** Seventeen packs of the measured rows became five: the faults strike the same kinds of requests. */
export const rowSize: PlaceSize = { largeFiles: 16, largeBytes: 4 * 1024 * 1024, smallFiles: 100 };

export async function makePlace(folder: string, size: PlaceSize): Promise<Place> {
  const sources = join(folder, 'sources');
  const template = join(folder, 'template');
  mkdirSync(sources);
  for (let i = 0; i < size.largeFiles; i++)
    writeFileSync(join(sources, `large-${i}`), randomFillSync(Buffer.alloc(size.largeBytes)));
  for (let i = 0; i < size.smallFiles; i++)
    writeFileSync(join(sources, `small-${i}`), randomFillSync(Buffer.alloc(4_096)));
  const { code, stderr } = await runRestic(['init'], { repo: template, password });
  if (code !== 0) throw new Error(`restic init failed: ${stderr}`);
  return { folder, sources, copyRepository: (to) => cpSync(template, to, { recursive: true }) };
}
