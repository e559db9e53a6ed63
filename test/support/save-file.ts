/** Puts a file of any content into a repository, as somebody else might have. */
import type { Id } from '../../engine/format/id.ts';
import type { Repository } from '../../engine/repo/repository.ts';
import { sealFile, type UnpackedType } from '../../engine/repo/unpacked-files.ts';

export async function saveFile(repository: Repository, type: UnpackedType, json: string): Promise<Id> {
  const { id, bytes } = sealFile(repository, type, json);
  await repository.backend.save({ type, name: id }, [bytes]);
  return id;
}
