/** Preloaded into a program under test: when it ends, writes the most memory that it ever had, in bytes. */
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const file = process.env.SLACKWATER_TEST_MEMORY_FILE;
  if (file !== undefined) writeFileSync(file, String(memoryBytesMax()));
});

/** Linux counts what the parent had to a process's `maxRSS`; the high water mark of its own memory is elsewhere. */
function memoryBytesMax(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}
