/** Names of things in a repository: the SHA-256 of their bytes as 64 lower-case hex digits. */
import { createHash, hash } from 'node:crypto';

export type Id = string;

export const idBytes = 32;
const idPattern = /^[0-9a-f]{64}$/;

/** restic's id of these bytes: of a blob's plaintext, or of a stored file's ciphertext. */
export function idOf(bytes: Uint8Array): Id {
  return hash('sha256', bytes, 'hex');
}

export function isId(text: unknown): text is Id {
  return typeof text === 'string' && idPattern.test(text);
}

/** The short form that people read: the first eight digits. */
export function shortId(id: Id): string {
  return id.slice(0, 8);
}

/** The id of a file that is handed over in parts. */
export function hashOfParts(parts: readonly Uint8Array[]): Id {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part);
  return sum.digest('hex');
}
