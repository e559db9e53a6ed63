/**
 * The commit: what makes a snapshot visible. The order is never relaxed: packs, index, snapshot, and then the
 * snapshot is read back, for nothing counts as saved before it was seen.
 */
import type { Id } from '../format/id.ts';
import { encodeSnapshot, type Snapshot } from '../format/snapshot-file.ts';
import type { Repository } from './repository.ts';
import { storeAndSee } from './see-stored.ts';
import { sealFile } from './unpacked-files.ts';

/** What was stored and is to be made visible. */
export interface Stored {
  flush(): Promise<void>;
  writeIndex(): Promise<void>;
}

export type CommitStep = 'sealing' | 'writing-index' | 'committing' | 'verified';

/** The id of the snapshot, once it is visible and verified. `onStep` hears each step as it begins. */
export async function commitSnapshot(
  repository: Repository,
  stored: Stored,
  makeSnapshot: () => Snapshot,
  onStep: (step: CommitStep) => void = () => {},
  signal?: AbortSignal,
): Promise<{ id: Id; snapshot: Snapshot }> {
  onStep('sealing');
  await stored.flush();
  onStep('writing-index');
  await stored.writeIndex();
  onStep('committing');
  // The last moment at which a cancel leaves nothing behind: from here on the snapshot is seen through.
  signal?.throwIfAborted();
  const snapshot = makeSnapshot();
  const file = sealFile(repository, 'snapshot', encodeSnapshot(snapshot));
  await storeAndSee(repository, file);
  onStep('verified');
  return { id: file.id, snapshot };
}
