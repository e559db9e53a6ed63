/**
 * The plaintext of files that are not packs: index, snapshot, lock. Version 2 marks compression with a first
 * byte; raw JSON is read in both versions. Callers say how large the JSON may be.
 */
import { compress, decompress } from './compression.ts';

/** The first byte of what is compressed. */
export const zstdMarker = 2;
const openBrace = 0x7b;
const openBracket = 0x5b;

export function encodeUnpacked(json: string, version: 1 | 2): Buffer {
  const bytes = Buffer.from(json, 'utf8');
  return version === 1 ? bytes : Buffer.concat([Buffer.of(zstdMarker), compress(bytes)]);
}

/** The JSON text. Throws an error that says what is wrong. */
export function decodeUnpacked(plaintext: Uint8Array, bytesMax: number): string {
  const json = unpackedBytes(plaintext, bytesMax);
  return Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8');
}

/** The same, not yet made into text. */
export function unpackedBytes(plaintext: Uint8Array, bytesMax: number): Uint8Array {
  const json = expand(plaintext, bytesMax);
  if (json.length > bytesMax) throw new Error(`it is larger than the ${bytesMax} bytes that are allowed`);
  return json;
}

function expand(plaintext: Uint8Array, bytesMax: number): Uint8Array {
  const first = plaintext[0];
  if (first === undefined || first === openBrace || first === openBracket) return plaintext;
  if (first === zstdMarker) return decompress(plaintext.subarray(1), bytesMax);
  throw new Error('its encoding is not one that restic uses');
}
