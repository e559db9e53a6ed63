/**
 * A large file is read in parts, by several hands at a time. What it is cut into must not depend on that: so a part begins and
 * ends where a chunk ends in any case (`ContentCutter.sureCut`), which whoever reads the part before finds by the same
 * bytes. Parts that do not fit together, because the file changed in between, are thrown away. Pure.
 */
import type { Item } from '../source/item.ts';
import type { FileOutcome } from './store-skill.ts';

/** One of `count` parts, of about so many bytes each. */
export interface FilePart {
  readonly number: number;
  readonly count: number;
  readonly partBytes: number;
}

/** Where it lies: its end, too, may be as far as the file goes. */
export interface PartPlace {
  readonly begin: number;
  readonly end: number;
}

export interface PartOutcome extends FileOutcome {
  /** None where no part could begin: what would be in it belongs to the one before. */
  readonly place?: PartPlace;
}

export function partCount(sizeBytes: number, partBytes: number): number {
  return Math.max(1, Math.floor(sizeBytes / partBytes));
}

/** `sureCut`: the place of the first such cut that is found soon after a place. */
export function placeOfPart(
  { number, count, partBytes }: FilePart,
  sureCut: (after: number) => number | undefined,
): PartPlace | undefined {
  const begin = number === 0 ? 0 : sureCut(number * partBytes);
  if (begin === undefined) return undefined;
  for (let next = number + 1; next < count; next++) {
    const end = sureCut(next * partBytes);
    if (end !== undefined) return { begin, end };
  }
  return { begin, end: Number.POSITIVE_INFINITY };
}

/** The file `known` with all of its parts; undefined where they are not parts of one file. */
export function joinParts(parts: readonly PartOutcome[], known: Item): FileOutcome | undefined {
  const failed = parts.find(({ error }) => error !== undefined);
  if (failed !== undefined) return failed;
  const read = parts.filter(({ place }) => place !== undefined);
  const item = read[0]?.item;
  const first = item ?? known;
  let sizeBytes = 0;
  let end = 0;
  for (const part of read) {
    const isNext = part.place!.begin === sizeBytes && end === sizeBytes;
    if (!isNext || (part.item ?? known).inode !== first.inode) return undefined;
    sizeBytes += part.sizeBytes;
    end = part.place!.end;
  }
  if (end !== Number.POSITIVE_INFINITY) return undefined;
  const sum = (countOf: (part: PartOutcome) => number): number =>
    read.reduce((all, part) => all + countOf(part), 0);
  const hasChanged = read.some((part) => part.changed === true || !isSameState(part.item ?? known, first));
  return {
    sizeBytes,
    content: read.flatMap(({ content }) => content),
    newBlobs: sum(({ newBlobs }) => newBlobs),
    addedBytes: sum(({ addedBytes }) => addedBytes),
    addedPackedBytes: sum(({ addedPackedBytes }) => addedPackedBytes),
    ...(hasChanged && { changed: true }),
    ...(item !== undefined && { item }),
  };
}

function isSameState(a: Item, b: Item): boolean {
  return a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.sizeBytes === b.sizeBytes;
}
