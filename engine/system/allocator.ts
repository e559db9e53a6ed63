/**
 * How memory is had from Linux and given back. By itself glibc's allocator keeps large blocks for later, each thread for
 * itself, once one of that size was freed (as scrypt's is, when a repository is opened): with buffers of packs, that is
 * a hundred megabytes. On other systems nothing of it is needed, or known.
 */
import { loadKoffi } from './load-koffi.ts';

/** From glibc's `malloc.h`. */
const trimThreshold = -1;
const mmapThreshold = -3;
const arenaMax = -8;

/** From Linux's `mman.h`. */
const adviceDontNeed = 4;
const adviceHugePage = 14;

const pageBytes = 4096;
const MiB = 1024 * 1024;
const largePageBytes = 2 * MiB;
let isDone = false;

/** To be called before threads are made. */
export function keepAllocatorLean(): void {
  if (isDone || process.platform !== 'linux') return;
  isDone = true;
  try {
    const mallopt = loadKoffi().load(null).func('mallopt', 'int', ['int', 'int']);
    mallopt(mmapThreshold, 3 * MiB);
    // Pieces of packs come and go: with less, each was fresh memory again, which took a third of the time of a check.
    mallopt(trimThreshold, 16 * MiB);
    mallopt(arenaMax, 1);
  } catch {
    // Another C library: then its own ways have to do.
  }
}

/** What was freed is given back at once, though there is less of it than is kept for later. */
export function giveBackFreed(): void {
  if (process.platform !== 'linux') return;
  try {
    loadKoffi().load(null).func('malloc_trim', 'int', ['size_t'])(0);
  } catch {
    // Another C library.
  }
}

type Advise = (address: bigint, bytes: number, advice: number) => number;
let advise: Advise | undefined;

/** Loads what is called below, where it is not there yet. */
export function loadAdvice(): void {
  if (process.platform !== 'linux') return;
  try {
    advise ??= loadKoffi().load(null).func('madvise', 'int', ['uint64_t', 'size_t', 'int']) as Advise;
  } catch {
    // It does without.
  }
}

/**
 * Asks for large pages where memory will be filled from its first byte on. A fresh page costs a trap into the kernel, on a
 * virtual machine over 10 us: for a pack in small pages that is more than to seal it.
 */
export function wantLargePages(memory: ArrayBufferLike): void {
  if (memory.byteLength >= largePageBytes) adviseOn(memory, adviceHugePage);
}

/** Its bytes are needed no more, and read as zero from now on or as they were: what they took is free at once. */
export function giveBack(memory: ArrayBufferLike): void {
  adviseOn(memory, adviceDontNeed);
}

/** What is mapped of a file, and not changed: it is mapped no longer, and again where it is needed. */
export function unmap(address: bigint, bytes: number): void {
  loadAdvice();
  advise?.(address, bytes, adviceDontNeed);
}

/** Of all whole pages in it. */
function adviseOn(memory: ArrayBufferLike, advice: number): void {
  loadAdvice();
  if (advise === undefined) return;
  try {
    const address = BigInt(loadKoffi().address(memory as ArrayBuffer));
    const skipped = Number(-address & BigInt(pageBytes - 1));
    const bytes = Math.floor((memory.byteLength - skipped) / pageBytes) * pageBytes;
    if (bytes > 0) advise(address + BigInt(skipped), bytes, advice);
  } catch {
    // It does without.
  }
}
