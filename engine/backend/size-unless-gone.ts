/** How large a file is that may not be there. */
import { isFailure } from '../base/failure.ts';
import type { Backend, FileName } from './backend.ts';
import type { CallSignal } from './call-signal.ts';

/** Bytes; undefined where the store says that it does not have the file. Fails as the backend does otherwise. */
export async function sizeUnlessGone(
  backend: Pick<Backend, 'stat'>,
  file: FileName,
  signal?: CallSignal,
): Promise<number | undefined> {
  try {
    return await backend.stat(file, signal);
  } catch (error) {
    if (isFailure(error, 'not-found')) return undefined;
    throw error;
  }
}
