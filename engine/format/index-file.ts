/** An index file: which blobs lie in which packs, and where. A pack's blobs all stand in one entry. */
import { limits } from '../base/limits.ts';
import { type Id, idBytes } from './id.ts';
import { type BlobsRead, blobFields, IndexBlobs } from './index-blobs.ts';
import { asCount } from './json.ts';
import { brace, bracket, JsonBytes } from './json-bytes.ts';
import { PackEntries } from './pack-entries.ts';
import type { BlobType, PackBlob } from './pack-header.ts';
import { sealOverheadBytes } from './seal.ts';

export interface IndexedPack {
  readonly id: Id;
  readonly blobs: readonly PackBlob[];
}

const uint32Max = 2 ** 32 - 1;
const roomAtFirst = 256;
const blobsBetweenYields = 2_048;

export function encodeIndex(packs: readonly IndexedPack[]): string {
  return `{"packs":[${packs.map(encodePack).join(',')}]}\n`;
}

/** A pack whose blobs stand as its header has them: see `PackEntries`. */
export interface HeldPack {
  readonly id: Id;
  readonly entries: Uint8Array;
}

/** The same in pieces, for many blobs: between two of them, whoever asks can let others run. */
export function* encodeIndexPieces(packs: Iterable<HeldPack>): Generator<Buffer> {
  let text = '{"packs":[';
  let beforePack = '';
  for (const { id, entries } of packs) {
    text += `${beforePack}{"id":"${id}","blobs":[`;
    beforePack = ',';
    let beforeBlob = '';
    for (const blob = new PackEntries(entries); blob.next(); beforeBlob = ',') {
      text += beforeBlob + encodeBlob(blob);
      if (text.length < limits.indexPieceBytes) continue;
      yield Buffer.from(text, 'latin1');
      text = '';
    }
    text += ']}';
  }
  yield Buffer.from(`${text}]}\n`, 'latin1');
}

function encodePack({ id, blobs }: IndexedPack): string {
  return `{"id":"${id}","blobs":[${blobs.map(encodeBlob).join(',')}]}`;
}

function encodeBlob({ id, type, offset, length, plainLength }: PackBlob): string {
  const compressed = plainLength === 0 ? '' : `,"uncompressed_length":${plainLength}`;
  return `{"id":"${id}","type":"${type}","offset":${offset},"length":${length}${compressed}}`;
}

/**
 * How much JSON an index of this size in the repository can hold. Ids are random, so that no true index shrinks
 * to a hundredth: one that claims to is a bomb.
 */
export function indexBytesMax(storedBytes: number): number {
  return Math.min(limits.indexBytesMax, limits.smallFileBytesMax + 100 * storedBytes);
}

/**
 * A pack's entry while an index file is read, its blobs in plain arrays. The same object is filled for each pack in
 * turn: whoever keeps something of it copies that.
 */
export class PackEntry implements BlobsRead {
  readonly id = Buffer.alloc(idBytes);
  blobCount = 0;
  /** One after the other. */
  ids = Buffer.alloc(roomAtFirst * idBytes);
  fields = new Uint32Array(roomAtFirst * blobFields);

  makeRoom(blobs: number): void {
    const wanted = this.blobCount + blobs;
    let room = this.ids.length / idBytes;
    if (wanted <= room) return;
    while (room < wanted) room *= 2;
    this.ids = Buffer.concat([this.ids], room * idBytes);
    const fields = new Uint32Array(room * blobFields);
    fields.set(this.fields);
    this.fields = fields;
  }

  hasCompressed(): boolean {
    for (let blob = 0; blob < this.blobCount; blob++)
      if (this.fields[blob * blobFields + 3] !== 0) return true;
    return false;
  }

  typeOf(blob: number): BlobType {
    return this.fields[blob * blobFields] === 1 ? 'tree' : 'data';
  }

  offsetOf(blob: number): number {
    return this.fields[blob * blobFields + 1]!;
  }

  lengthOf(blob: number): number {
    return this.fields[blob * blobFields + 2]!;
  }

  plainLengthOf(blob: number): number {
    return this.fields[blob * blobFields + 3]!;
  }
}

export function indexedPack(entry: PackEntry): IndexedPack {
  const blobs = Array.from({ length: entry.blobCount }, (_, blob) => ({
    id: entry.ids.toString('hex', blob * idBytes, (blob + 1) * idBytes),
    type: entry.typeOf(blob),
    offset: entry.offsetOf(blob),
    length: entry.lengthOf(blob),
    plainLength: entry.plainLengthOf(blob),
  }));
  return { id: entry.id.toString('hex'), blobs };
}

/** Throws a plain error that says what is malformed. */
export function decodeIndex(text: string): IndexedPack[] {
  const packs: IndexedPack[] = [];
  for (const entry of readIndex(Buffer.from(text))) if (entry !== undefined) packs.push(indexedPack(entry));
  return packs;
}

/**
 * Reads an index file pack by pack, without making a tree of objects of it. Yields nothing now and then, so that
 * whoever asks can let others run. Throws as `decodeIndex` does, when it comes to what is malformed. A name that
 * stands twice in one object is malformed too: programs disagree on which of them counts.
 */
export function* readIndex(bytes: Uint8Array): Generator<PackEntry | undefined> {
  const json = new JsonBytes(bytes);
  if (!json.opens(brace)) throw new Error('it is not an object');
  let isRead = false;
  const entry = new PackEntry();
  const blobs = new IndexBlobs(bytes);
  if (!json.closes(brace)) {
    do {
      if (json.name(['packs']) !== 0) {
        json.skip();
        continue;
      }
      if (isRead) throw new Error('it has two lists of packs');
      isRead = true;
      if (!startsList(json, 'the list of packs')) continue;
      do yield* readPack(json, blobs, entry);
      while (json.goesOn(bracket));
    } while (json.goesOn(brace));
  }
  json.end();
}

const packNames = ['id', 'blobs'];

function* readPack(json: JsonBytes, blobs: IndexBlobs, entry: PackEntry): Generator<PackEntry | undefined> {
  if (!json.opens(brace)) throw new Error('a pack is not an object');
  entry.blobCount = 0;
  let seen = 0;
  if (!json.closes(brace)) {
    do {
      const name = json.name(packNames);
      if (name === -1) {
        json.skip();
        continue;
      }
      seen = seenOnce(seen, name, 'a pack');
      if (name === 0) {
        if (!readId(json, entry.id, 0)) throw new Error('the id of a pack is not 64 hex digits');
      } else if (startsList(json, 'the list of blobs')) {
        let rested = 0;
        do {
          const before = entry.blobCount;
          json.readOn((at) => blobs.read(at, entry));
          if (entry.blobCount === before) readBlob(json, entry);
          if (entry.blobCount - rested < blobsBetweenYields) continue;
          rested = entry.blobCount;
          yield undefined;
        } while (json.goesOn(bracket));
      }
    } while (json.goesOn(brace));
  }
  if ((seen & 1) === 0) throw new Error('the id of a pack is not 64 hex digits');
  yield entry;
}

const blobNames = ['id', 'type', 'offset', 'length', 'uncompressed_length'];
const blobTypes: readonly BlobType[] = ['data', 'tree'];
/** All but the last name. */
const allNeeded = 0b1111;

function readBlob(json: JsonBytes, entry: PackEntry): void {
  entry.makeRoom(1);
  const at = entry.blobCount * blobFields;
  const { ids, fields } = entry;
  fields[at + 3] = 0;
  let seen = 0;
  if (!json.opens(brace)) throw new Error('a blob is not an object');
  if (!json.closes(brace)) {
    do {
      const name = json.name(blobNames);
      if (name === -1) {
        json.skip();
        continue;
      }
      seen = seenOnce(seen, name, 'a blob');
      if (name === 0) {
        if (!readId(json, ids, entry.blobCount * idBytes))
          throw new Error('the id of a blob is not 64 hex digits');
      } else if (name === 1) {
        fields[at] = readType(json);
      } else if (name < 4 || !json.isNull()) {
        fields[at + name - 1] = readCount(json, blobNames[name]!);
      }
    } while (json.goesOn(brace));
  }
  if ((seen & allNeeded) !== allNeeded) throw new Error('a blob has no id, type, offset or length');
  const offset = fields[at + 1]!;
  const length = asCount(fields[at + 2], 'a length', uint32Max - offset);
  if (length < sealOverheadBytes) throw new Error('a blob is too short');
  entry.blobCount++;
}

/** The names that were seen, and this one. */
function seenOnce(seen: number, name: number, what: string): number {
  if ((seen & (1 << name)) !== 0) throw new Error(`${what} has a name twice`);
  return seen | (1 << name);
}

function readId(json: JsonBytes, target: Buffer, at: number): boolean {
  return json.startsText() && json.id(target, at);
}

function readType(json: JsonBytes): number {
  const type = json.startsText() ? json.oneOf(blobTypes) : -1;
  if (type === -1) throw new Error('the type of a blob is neither data nor tree');
  return type;
}

function readCount(json: JsonBytes, name: string): number {
  return asCount(json.startsWord() ? json.number() : undefined, `the ${name} of a blob`, uint32Max);
}

/** Whether a list with something in it begins; Go writes an empty one as `null` at times. */
function startsList(json: JsonBytes, what: string): boolean {
  if (json.isNull()) return false;
  if (!json.opens(bracket)) throw new Error(`${what} is not a list`);
  return !json.closes(bracket);
}
