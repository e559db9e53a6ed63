/**
 * Reads the blobs of an index file in AssemblyScript, for WebAssembly, where they stand just as restic and we write them:
 * no spaces, the members in this order. It stops before the first one that does not, or that breaks a rule.
 * `build/compile-assembly.ts` compiles it into `format/index-blobs-wasm.ts`; `format/index-blobs.ts` is its only user,
 * lays out the memory, and proves in its test that this reads what the reader for all JSON reads, and nothing else.
 */

/** Where the memory holds what: the value of each hex digit by its byte, or 0xff; the texts between the values, a place each. */
const nibblesAt: usize = 0;
const idAt: usize = 256;
const typeAt: usize = 272;
const dataAt: usize = 288;
const treeAt: usize = 304;
const lengthAt: usize = 320;
const plainLengthAt: usize = 336;
/** What is told: where the last blob ends that was read. */
const endAt: usize = 368;
/** What is read: ids one after the other; of each blob its type (1 for a tree), offset, length, plaintext length. */
const idsAt: usize = 1024;
const fieldsAt: usize = 20480;

const zero: u32 = 0x30;
const comma: u32 = 0x2c;
const closing: u32 = 0x7d;
const idBytes: usize = 32;
const fieldBytes: usize = 16;
const sealOverheadBytes: u64 = 32;
/** More digits than a number of 32 bits has. */
const digitsMax: usize = 10;

/** How many blobs stand one after the other from `at` on, in a text that ends with zeros: no value and no text runs over them. */
export function readBlobs(at: usize): usize {
  let count: usize = 0;
  store<u32>(endAt, <u32>at);
  let end = readBlob(at, idsAt, fieldsAt);
  while (end !== 0) {
    count++;
    store<u32>(endAt, <u32>end);
    const isLast = load<u8>(end) !== comma;
    end = isLast ? 0 : readBlob(end + 1, idsAt + count * idBytes, fieldsAt + count * fieldBytes);
  }
  return count;
}

/** Where the blob ends that begins at `at`, or 0. */
function readBlob(at: usize, id: usize, fields: usize): usize {
  if (!follows(at, idAt, 7)) return 0;
  at += 7;
  for (let i: usize = 0; i < idBytes; i++) {
    const high = <u32>load<u8>(<usize>load<u8>(at + 2 * i), nibblesAt);
    const low = <u32>load<u8>(<usize>load<u8>(at + 2 * i + 1), nibblesAt);
    if ((high | low) > 15) return 0;
    store<u8>(id + i, (high << 4) | low);
  }
  at += 2 * idBytes;
  if (!follows(at, typeAt, 10)) return 0;
  at += 10;
  const isTree = follows(at, treeAt, 15);
  if (!isTree && !follows(at, dataAt, 15)) return 0;
  at += 15;
  let end = endOfNumber(at);
  if (end === 0 || !follows(end, lengthAt, 10)) return 0;
  const offset = numberIn(at, end);
  at = end + 10;
  end = endOfNumber(at);
  if (end === 0) return 0;
  const length = numberIn(at, end);
  let plainLength: u64 = 0;
  if (follows(end, plainLengthAt, 23)) {
    at = end + 23;
    end = endOfNumber(at);
    if (end === 0) return 0;
    plainLength = numberIn(at, end);
  }
  if (load<u8>(end) !== closing) return 0;
  if (offset + length > <u64>u32.MAX_VALUE || plainLength > <u64>u32.MAX_VALUE) return 0;
  if (length < sealOverheadBytes) return 0;
  store<u32>(fields, isTree ? 1 : 0);
  store<u32>(fields, <u32>offset, 4);
  store<u32>(fields, <u32>length, 8);
  store<u32>(fields, <u32>plainLength, 12);
  return end + 1;
}

function follows(at: usize, text: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i++) if (load<u8>(at + i) !== load<u8>(text + i)) return false;
  return true;
}

/** Where the digits end that begin at `at`, or 0 where that is no number as programs write it. */
function endOfNumber(at: usize): usize {
  let end = at;
  while (<u32>load<u8>(end) - zero <= 9) end++;
  const digits = end - at;
  if (digits === 0 || digits > digitsMax) return 0;
  return digits > 1 && load<u8>(at) === zero ? 0 : end;
}

function numberIn(at: usize, end: usize): u64 {
  let value: u64 = 0;
  for (; at < end; at++) value = value * 10 + (<u64>load<u8>(at) - zero);
  return value;
}
