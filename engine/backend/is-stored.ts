/**
 * Whether the store has a file already: asked where an upload's answer was lost, or where the store says that the name
 * is taken. A file is never removed to be sent again: it may be what was asked for, and the only copy.
 */
import { damaged, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Backend, FileName } from './backend.ts';
import type { CallSignal } from './call-signal.ts';
import { bytesIn } from './http/http-request.ts';

/**
 * Its length has to be right, and of a small file every byte. Fails with `damaged` where the name is taken by
 * something else, and as the backend fails where it cannot tell.
 */
export async function isStored(
  backend: Pick<Backend, 'stat' | 'load'>,
  file: FileName,
  parts: readonly Uint8Array[],
  signal?: CallSignal,
): Promise<boolean> {
  const length = bytesIn(parts);
  try {
    const sizeBytes = await backend.stat(file, signal);
    if (sizeBytes !== length)
      throw damaged(file.type, file.name, `the store has ${sizeBytes} bytes of it, not ${length}`);
    if (length > limits.readBackBytesMax || (file.type === 'pack' && length > limits.smallFileBytesMax))
      return true;
    if (Buffer.concat(parts).equals(await backend.load(file, undefined, signal))) return true;
  } catch (error) {
    if (isFailure(error, 'not-found')) return false;
    throw error;
  }
  throw damaged(file.type, file.name, 'the store has other bytes under this name');
}
