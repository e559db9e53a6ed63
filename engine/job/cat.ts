/** Prints what lies in a repository as it is, for the curious and for repairs. Keys to the data are never printed. */
import { type ByteString, toText } from '../base/byte-string.ts';
import { damaged, Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { encodeConfig } from '../format/config-file.ts';
import { type Id, isId } from '../format/id.ts';
import { indentJson } from '../format/indent-json.ts';
import { encodeKeyFile } from '../format/key-file.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import { listKeys, loadKeyFile } from '../repo/keyring.ts';
import { loadBlob } from '../repo/load-blob.ts';
import { listIndexFiles, loadIndex } from '../repo/load-index.ts';
import type { Repository } from '../repo/repository.ts';
import { chooseId, findSnapshot } from '../repo/snapshots.ts';
import { parseSnapshotPath, resolveFolder } from '../repo/tree-path.ts';
import { loadFile, type UnpackedType } from '../repo/unpacked-files.ts';

export const catKinds = [
  'config',
  'index',
  'snapshot',
  'key',
  'lock',
  'pack',
  'blob',
  'tree',
  'masterkey',
] as const;
export type CatKind = (typeof catKinds)[number];

/**
 * The bytes to print, in pieces. `name` is an id or its beginning; for a tree it is `SNAPSHOT:/path`, for the config
 * it is not looked at. Fails with `not-found`, `ambiguous-id`, `damaged`, or `usage` for what is not to be had.
 */
export async function* catObject(
  repository: Repository,
  kind: CatKind,
  name: ByteString,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const text = toText(name);
  switch (kind) {
    case 'config':
      yield shown(encodeConfig(repository.config).toString());
      return;
    case 'snapshot':
      yield shown(await indented(repository, 'snapshot', (await findSnapshot(repository, text)).id));
      return;
    case 'lock':
      yield shown(await indented(repository, 'lock', await idByListing(repository, 'lock', text)));
      return;
    case 'index':
      yield asLine(
        await loadFile(repository, 'index', chooseId(await listIndexFiles(repository), text, 'index')),
      );
      return;
    case 'key': {
      const id = chooseId(await listKeys(repository.backend), text, 'key');
      yield shown(encodeKeyFile(await loadKeyFile(repository.backend, id)).toString());
      return;
    }
    case 'pack':
      yield* packBytes(repository, await idByListing(repository, 'pack', text), signal);
      return;
    case 'blob':
      yield await blobBytes(repository, text);
      return;
    case 'tree':
      yield await treeBytes(repository, name);
      return;
    case 'masterkey':
      throw new Failure('usage', {
        why: 'The master key opens everything in the repository, whatever the password: it is never printed.',
      });
  }
}

async function indented(repository: Repository, type: UnpackedType, id: Id): Promise<string> {
  return layOut(await loadFile(repository, type, id), type, id);
}

function layOut(json: string, type: UnpackedType, id: Id): string {
  try {
    JSON.parse(json);
    return indentJson(json);
  } catch (error) {
    throw damaged(type, id, error instanceof Error ? error.message : String(error), error);
  }
}

function shown(json: string): Uint8Array {
  return asLine(indentJson(json));
}

function asLine(text: string): Uint8Array {
  return Buffer.from(text.endsWith('\n') ? text : `${text}\n`);
}

async function idByListing({ backend }: Repository, type: 'lock' | 'pack', beginning: string): Promise<Id> {
  const ids: Id[] = [];
  for await (const { name } of backend.list(type)) ids.push(name);
  return chooseId(ids, beginning, type);
}

/** Whatever is stored under the name, damaged or not: here one wants to see it. */
async function* packBytes(
  { backend }: Repository,
  id: Id,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const file = { type: 'pack', name: id } as const;
  const sizeBytes = await backend.stat(file, signal);
  for (let offset = 0; offset < sizeBytes; offset += limits.readPieceBytesMax) {
    const length = Math.min(limits.readPieceBytesMax, sizeBytes - offset);
    yield await backend.load(file, { offset, length }, signal);
  }
}

async function blobBytes(repository: Repository, beginning: string): Promise<Uint8Array> {
  const index = await loadIndex(repository);
  const id = isId(beginning) ? beginning : chooseId([...blobIds(index, beginning)], beginning, 'blob');
  try {
    return await loadBlob(repository, index, 'data', id);
  } catch (error) {
    if (!isFailure(error, 'not-found') || !index.has('tree', id)) throw error;
    return await loadBlob(repository, index, 'tree', id);
  }
}

function blobIds(index: BlobIndex, beginning: string): Set<Id> {
  const ids = new Set<Id>();
  for (const { id } of index.blobs()) if (id.startsWith(beginning)) ids.add(id);
  return ids;
}

async function treeBytes(repository: Repository, name: ByteString): Promise<Uint8Array> {
  const { snapshot, path } = parseSnapshotPath(name);
  const { tree } = await findSnapshot(repository, snapshot);
  const index = await loadIndex(repository);
  return await loadBlob(repository, index, 'tree', await resolveFolder(repository, index, tree, path));
}
