/**
 * The chunker's scan in AssemblyScript, for WebAssembly: four stretches of the data at once, because a fingerprint
 * depends only on its last 64 bytes, and one stretch alone would wait for its own table look-ups. `build/compile-assembly.ts`
 * compiles it into `format/scan-wasm.ts`; `format/chunker.ts` is its only user and lays out the memory.
 */

/** Where the memory holds what: two tables of 256 numbers of 8 bytes, then the data. */
const reduceAt: usize = 2048;
const dataAt: usize = 4096;

/** restic's constants; the test of the chunker proves that they are those of `base/limits.ts`. */
const windowBytes: usize = 64;
const splitMask: u32 = 0xfffff;
const topShift: u64 = 45;

/** How much of the data one lane scans in a round, and where each lane's begins: constants, so that they are part of a load. */
const stretch: usize = 16 * 1024;
const lane0 = dataAt;
const lane1 = lane0 + stretch;
const lane2 = lane1 + stretch;
const lane3 = lane2 + stretch;

/**
 * The first place in [first, last] where the fingerprint of the 64 bytes before it ends in zeros, or else `last`.
 * Places count from the data's begin, and there are 64 bytes before `first`.
 */
export function scan(first: usize, last: usize): usize {
  let at = first - 1;
  for (; last - at > 4 * stretch; at += 4 * stretch) {
    const cut = scanRound(at);
    if (cut !== 0) return cut;
  }
  let f = fill(at);
  for (; at < last; at++) {
    f = slide(f, load<u8>(at, lane0 - windowBytes), load<u8>(at, lane0));
    if (cutsAfter(f)) return at + 1;
  }
  return last;
}

/** The first cut after one of the bytes [start, start + 4 * stretch), or 0. */
function scanRound(start: usize): usize {
  let f0 = fill(start);
  let f1 = fill(start + stretch);
  let f2 = fill(start + 2 * stretch);
  let f3 = fill(start + 3 * stretch);
  let cut1: usize = 0;
  let cut2: usize = 0;
  let cut3: usize = 0;
  for (let at = start, end = start + stretch; at < end; at++) {
    f0 = slide(f0, load<u8>(at, lane0 - windowBytes), load<u8>(at, lane0));
    f1 = slide(f1, load<u8>(at, lane1 - windowBytes), load<u8>(at, lane1));
    f2 = slide(f2, load<u8>(at, lane2 - windowBytes), load<u8>(at, lane2));
    f3 = slide(f3, load<u8>(at, lane3 - windowBytes), load<u8>(at, lane3));
    if (cutsAfter(f0)) return at + 1;
    if (cutsAfter(f1) && cut1 === 0) cut1 = at + 1 + stretch;
    if (cutsAfter(f2) && cut2 === 0) cut2 = at + 1 + 2 * stretch;
    if (cutsAfter(f3) && cut3 === 0) cut3 = at + 1 + 3 * stretch;
  }
  if (cut1 !== 0) return cut1;
  return cut2 !== 0 ? cut2 : cut3;
}

/** The fingerprint of the 64 bytes before `at`. */
function fill(at: usize): u64 {
  let f: u64 = 0;
  for (let i = at - windowBytes; i < at; i++) f = push(f, load<u8>(i, dataAt));
  return f;
}

/** The window moves on by a byte. What leaves it is looked up beside the rest and not before it. */
function slide(f: u64, leaving: u64, coming: u64): u64 {
  return push(f, load<u64>((<usize>leaving) << 3) ^ coming);
}

function push(f: u64, bits: u64): u64 {
  return (f << 8) ^ load<u64>((<usize>(f >>> topShift)) << 3, reduceAt) ^ bits;
}

function cutsAfter(f: u64): bool {
  return (<u32>f & splitMask) === 0;
}
