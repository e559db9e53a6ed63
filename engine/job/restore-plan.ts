/**
 * What a restore decides, without touching anything: what is selected, whether what exists may be replaced, where
 * the pieces of a file lie, and which pack is to be read for whom. Pure.
 */
import type { ByteString } from '../base/byte-string.ts';
import { damaged, Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { parseTime } from '../format/go-time.ts';
import type { Id } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import { plainBytes } from '../format/pack-header.ts';
import type { BlobLocation } from '../repo/blob-index.ts';
import { matchPatterns, type Pattern } from '../source/pattern.ts';
import type { Stat } from '../target/safe-folder.ts';

/** Lists of patterns that were compiled together; a path matches if any list says so. */
export interface RestoreFilter {
  readonly kind: 'include' | 'exclude';
  readonly lists: readonly (readonly Pattern[])[];
}

export interface Selection {
  readonly selected: boolean;
  /** Whether it is worth looking below a folder. */
  readonly childMayBe: boolean;
}

/** `location`: the path within what is restored, beginning with `/`. Without a filter all is selected. */
export function select(filter: RestoreFilter | undefined, location: ByteString): Selection {
  if (filter === undefined) return { selected: true, childMayBe: true };
  const matches = filter.lists.map((list) => matchPatterns(list, location));
  const matched = matches.some((match) => match.matched);
  if (filter.kind === 'exclude') return { selected: !matched, childMayBe: !matched };
  return { selected: matched, childMayBe: matches.some((match) => match.childMayMatch) };
}

/** restic's `--overwrite`. */
export type Overwrite = 'always' | 'if-changed' | 'if-newer' | 'never';

/** What counts of an entry that exists at the target. */
export type ExistingEntry = Pick<Stat, 'mtimeNs' | 'sizeBytes'>;

/** Whether the node may take the place of what exists. */
export function mayReplace(overwrite: Overwrite, node: Node, existing: ExistingEntry | undefined): boolean {
  if (existing === undefined) return true;
  if (overwrite === 'if-newer') return parseTime(node.mtime) > existing.mtimeNs;
  return overwrite !== 'never';
}

/** With `if-changed`, a file of the same size and time is taken to have the same content. */
export function isTrusted(
  overwrite: Overwrite,
  node: Node,
  sizeBytes: number,
  existing: ExistingEntry,
): boolean {
  return (
    overwrite === 'if-changed' &&
    existing.sizeBytes === sizeBytes &&
    existing.mtimeNs === parseTime(node.mtime)
  );
}

/** A stretch of a file: the plaintext of one data blob. */
export interface Piece {
  readonly blob: BlobLocation;
  readonly position: number;
  readonly length: number;
}

/**
 * The pieces of a file, one after the other. Sizes come from the index, never from the node, which may lie.
 * Fails with `not-found` for a blob that no index lists, `damaged` for one of a size that cannot be.
 */
export function piecesOf(content: readonly Id[], locate: (id: Id) => BlobLocation | undefined): Piece[] {
  let position = 0;
  return content.map((id) => {
    const blob = locate(id);
    if (blob === undefined) throw new Failure('not-found', { what: 'data blob', id });
    const length = plainBytes(blob);
    if (length < 0 || length > limits.dataBlobBytesMax)
      throw damaged('data blob', id, 'the index gives it a size that cannot be');
    const piece = { blob, position, length };
    position += length;
    return piece;
  });
}

export function bytesIn(pieces: readonly Piece[]): number {
  const last = pieces.at(-1);
  return last === undefined ? 0 : last.position + last.length;
}

/** A blob and every place that waits for it. */
export interface WantedBlob<Owner> {
  readonly blob: BlobLocation;
  readonly uses: { readonly owner: Owner; readonly position: number }[];
}

/** Collects who wants which blob, so that each pack is read once for all of them. */
export class WantedBlobs<Owner> {
  readonly #wanted = new Map<Id, WantedBlob<Owner>>();

  add(blob: BlobLocation, owner: Owner, position: number): void {
    let wanted = this.#wanted.get(blob.id);
    if (wanted === undefined) {
      wanted = { blob, uses: [] };
      this.#wanted.set(blob.id, wanted);
    }
    wanted.uses.push({ owner, position });
  }

  get(id: Id): WantedBlob<Owner> | undefined {
    return this.#wanted.get(id);
  }

  usesOf(id: Id): WantedBlob<Owner>['uses'] {
    return this.#wanted.get(id)?.uses ?? [];
  }

  /** The packs to read, each with the blobs wanted of it, in the order in which they were first wanted. */
  byPack(): Map<Id, BlobLocation[]> {
    const packs = new Map<Id, BlobLocation[]>();
    for (const { blob } of this.#wanted.values()) {
      const blobs = packs.get(blob.packId);
      if (blobs === undefined) packs.set(blob.packId, [blob]);
      else blobs.push(blob);
    }
    return packs;
  }
}
