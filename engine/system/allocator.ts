/**
 * Makes glibc's allocator give back what is freed. By itself it keeps large blocks for later, each thread for itself,
 * once one of that size was freed (as scrypt's is, when a repository is opened): with buffers of packs, that is
 * a hundred megabytes. On other systems nothing of it is needed, or known.
 */
import { createRequire } from 'node:module';

/** From glibc's `malloc.h`. */
const trimThreshold = -1;
const mmapThreshold = -3;
const arenaMax = -8;

const MiB = 1024 * 1024;
let isDone = false;

/** To be called before threads are made. */
export function keepAllocatorLean(): void {
  if (isDone || process.platform !== 'linux') return;
  isDone = true;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const mallopt = koffi.load(null).func('mallopt', 'int', ['int', 'int']);
    mallopt(mmapThreshold, 3 * MiB);
    mallopt(trimThreshold, 4 * MiB);
    mallopt(arenaMax, 1);
  } catch {
    // Another C library: then its own ways have to do.
  }
}
