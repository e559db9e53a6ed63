/**
 * Gives the memory of bytes back at once. A collector comes by when objects have filled its space, and knows little of
 * what they hold outside: until then there may be many times the memory that is in use, each piece of it fresh and slow.
 */

/** The bytes in memory that is theirs alone, and so can be given away. */
export function ownMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return isOwn ? new Uint8Array(buffer) : Uint8Array.from(bytes);
}

/** Nobody can use the bytes after it. Those that are part of a larger memory are left alone. */
export function letGo({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
