/** Contents for tests of large files. */
import { createCipheriv, createHash } from 'node:crypto';

/** The same bytes for the same seed, quickly, and not compressible. */
export function seededBytes(seed: string, length: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}
