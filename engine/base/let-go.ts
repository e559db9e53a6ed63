/**
 * Gives the memory of bytes back at once. A collector comes by when objects have filled its space, and knows little of
 * what they hold outside: until then there may be many times the memory that is in use, each piece of it fresh and slow.
 */

/** Nobody can use the bytes after it. Those that are part of a larger memory are left alone. */
export function letGo({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
