/**
 * Gives memory back to the system at once. The garbage collector does not count buffers closely and lets many pile up
 * while index files are read; this keeps one of them at a time.
 */
import { limits } from './limits.ts';

/** The bytes are gone afterwards: only for whoever made them and knows that nobody else has them. */
export function giveBack({ buffer, byteLength }: Uint8Array): void {
  // Small buffers share their memory with others.
  if (byteLength >= limits.giveBackBytesMin && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
