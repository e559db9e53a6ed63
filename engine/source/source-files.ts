/** The user's files as a backup reads them: a value that is handed in, so that tests can make files misbehave. */
import { type ByteString, toText } from '../base/byte-string.ts';
import { Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { openFile, openSmallFile } from '../system/open-file.ts';
import { type Stat, statOf } from '../system/stat.ts';
import { type Glance, glance, type Item, itemFromStat, readFolderNames, readItem } from './item.ts';

/** By what a file is known again. */
export type KnownFile = Pick<Item, 'name' | 'sizeBytes' | 'mtimeNs' | 'ctimeNs' | 'inode'>;

/** A regular file that is open for reading. */
export interface SourceFile {
  /** Reads the next bytes into the space; how many came, 0 at the end. */
  read(space: Uint8Array): number;
  /** The same from a place, wherever others read. */
  readAt(position: number, space: Uint8Array): number;
  /** As it was when it was opened; undefined where that is as it was known. To be asked when it was read to its end. */
  item(): Item | undefined;
  /** Whether its metadata are others now than when it was opened. */
  hasChanged(): boolean;
  close(): void;
}

/** Every call throws the system's errors as they are. */
export interface SourceFiles {
  item(path: ByteString, name: ByteString): Item;
  /** As much of an item as rules about it need; cheaper than all of it. */
  glance(path: ByteString): Glance;
  /** The item that the path leads to, symbolic links followed. */
  followed(path: ByteString, name: ByteString): Item;
  /** Names in a folder, sorted by their bytes. */
  names(path: ByteString): ByteString[];
  /** Opens what the walk saw; throws when it is no regular file any more. */
  open(path: ByteString, known: KnownFile): SourceFile;
}

/**
 * Runs a call of the above and turns its error into `source-unreadable`: one item failed, where any other error
 * ends the run.
 */
export function reading<Result>(path: ByteString, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw new Failure('source-unreadable', { path: toText(path) }, { next: 'later', cause: error });
  }
}

export const realFiles: SourceFiles = {
  item: readItem,
  glance,
  followed(path, name) {
    return itemFromStat(statOf(path, { follow: true }), path, name, true);
  },
  names: readFolderNames,
  open(path, known) {
    const isAsKnown = ({ mtimeNs, ctimeNs, inode }: Stat): boolean =>
      known.mtimeNs === mtimeNs && known.ctimeNs === ctimeNs && known.inode === inode;
    const isSmall = known.sizeBytes < limits.readBytes;
    const file = isSmall ? openSmallFile(path, isAsKnown) : openFile(path);
    return {
      read: (space) => file.read(space, 0, space.length),
      readAt: (position, space) => file.readAt(position, space),
      // Attributes are read again only where something changed since the item was looked at.
      item: () => (isAsKnown(file.stat) ? undefined : itemFromStat(file.stat, path, known.name)),
      hasChanged: () => file.changedSince(),
      close: () => file.close(),
    };
  },
};
