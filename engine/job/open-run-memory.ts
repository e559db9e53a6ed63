/** The journal and the spool of this machine, in folders of their own that only their owner may enter. */
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { openSpool } from '../journal/spool.ts';
import { openJournal } from '../journal/sqlite-journal.ts';
import { RunMemory } from './run-memory.ts';

/** Fails with what keeps the folder from being used. */
export function openRunMemory(dataFolder: string, clock: Pick<Clock, 'elapsedMs'>): RunMemory {
  const spool = openSpool({ folder: join(dataFolder, 'spool'), quotaBytes: limits.spoolBytesMax });
  return new RunMemory(openJournal(join(dataFolder, 'journal'), clock), spool);
}
