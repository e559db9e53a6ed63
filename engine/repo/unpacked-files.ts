/**
 * Files of a repository that are not packs: snapshots, indexes and locks. Their name is the hash of what is
 * stored; what is written is first read back in memory, what is read is first proven to be what was written.
 */
import type { FileType } from '../backend/backend.ts';
import { damaged, Failure } from '../base/failure.ts';
import { giveBack } from '../base/give-back.ts';
import { limits } from '../base/limits.ts';
import { type Id, idOf } from '../format/id.ts';
import { indexBytesMax } from '../format/index-file.ts';
import { seal, unseal } from '../format/seal.ts';
import { encodeUnpacked, unpackedBytes } from '../format/unpacked.ts';
import type { Repository } from './repository.ts';

export type UnpackedType = Extract<FileType, 'snapshot' | 'index' | 'lock'>;

/** What a file of this stored size may hold: more is a bomb. */
const jsonBytesMax: Readonly<Record<UnpackedType, (storedBytes: number) => number>> = {
  snapshot: () => limits.snapshotBytesMax,
  index: indexBytesMax,
  lock: () => limits.smallFileBytesMax,
};

/** A file ready to be stored: its ciphertext and the name that follows from it. */
export interface SealedFile {
  readonly type: UnpackedType;
  readonly id: Id;
  readonly bytes: Uint8Array;
}

export function sealFile(repository: Repository, type: UnpackedType, json: string): SealedFile {
  const { key, config, world } = repository;
  const bytes = seal(key, encodeUnpacked(json, config.version), world.chance);
  const file = { type, id: idOf(bytes), bytes };
  if (Buffer.compare(openFile(repository, file), Buffer.from(json)) !== 0)
    throw new Failure('verification-failed', { what: type, id: file.id });
  return file;
}

/** The JSON of a file. Fails with `not-found`, or `damaged` where it is not what was once written. */
export async function loadFile(repository: Repository, type: UnpackedType, id: Id): Promise<string> {
  const { buffer, byteOffset, byteLength } = openFile(repository, await fetchFile(repository, type, id));
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
}

/** A file as it is stored. Fails as `loadFile` does. */
export async function fetchFile({ backend }: Repository, type: UnpackedType, id: Id): Promise<SealedFile> {
  let bytes = await backend.load({ type, name: id });
  // A transport may have lied once; a file that is damaged stays so.
  if (idOf(bytes) !== id) {
    bytes = await backend.load({ type, name: id });
    if (idOf(bytes) !== id) throw damaged(type, id, 'its content does not match its name');
  }
  return { type, id, bytes };
}

/** The bytes of its JSON. */
export function openFile(repository: Repository, file: SealedFile): Uint8Array {
  return unpackFile(file, unsealFile(repository, file));
}

/** The first half of that: a large file takes its time, and others may be let run before the second one. */
export function unsealFile({ key }: Repository, { type, id, bytes }: SealedFile): Uint8Array {
  const plaintext = unseal(key, bytes);
  if (plaintext === undefined) throw damaged(type, id, 'it was not sealed with the key of this repository');
  return plaintext;
}

/** The second half, which takes the bytes of the first one away. */
export function unpackFile({ type, id, bytes }: SealedFile, plaintext: Uint8Array): Uint8Array {
  try {
    const json = unpackedBytes(plaintext, jsonBytesMax[type](bytes.length));
    if (json !== plaintext) giveBack(plaintext);
    return json;
  } catch (error) {
    throw damaged(type, id, error instanceof Error ? error.message : String(error), error);
  }
}

/** Runs a decoder on a file's JSON; what it finds wrong becomes `damaged`. */
export function decodeFile<Json, Value>(
  type: UnpackedType,
  id: Id,
  json: Json,
  decode: (json: Json) => Value,
): Value {
  try {
    return decode(json);
  } catch (error) {
    throw damaged(type, id, error instanceof Error ? error.message : String(error), error);
  }
}
