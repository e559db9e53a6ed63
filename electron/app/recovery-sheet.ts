/** Where recovery sheets lie, and how they get there. A sheet holds the key: only its owner may read it. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recoverySheet } from '../../engine/protocol/recovery-sheet.ts';
import type { AppParts } from './parts.ts';

export function sheetPath(dataFolder: string, vaultId: string): string {
  return join(dataFolder, `recovery-sheet-${vaultId}.txt`);
}

interface SheetFacts {
  readonly vaultId: string;
  readonly location: string;
  readonly key: string;
  readonly storeNames: readonly string[];
}

/** Writes it whole, mode 0600, and answers its path. */
export function writeRecoverySheet(
  { dataFolder, hostname, platform, clock }: AppParts,
  { vaultId, location, key, storeNames }: SheetFacts,
): string {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const path = sheetPath(dataFolder, vaultId);
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', 0o600);
  try {
    const madeOn = new Date(clock.nowMs()).toISOString();
    writeFileSync(file, recoverySheet({ location, key, storeNames, hostname, platform, madeOn }));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  return path;
}
