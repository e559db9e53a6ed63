/**
 * Preloaded into a program under test: tells when it begins to listen to Ctrl-C, by a file beside the one into which
 * it writes, when it leaves, the code with which it does and the most memory that it ever had, in bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.env.SLACKWATER_TEST_REPORT_FILE;

if (file !== undefined) {
  process.on('exit', (code) =>
    writeFileSync(file, JSON.stringify({ code, memoryBytesMax: memoryBytesMax() })),
  );
  process.on('newListener', (event) => {
    if (event === 'SIGINT') writeFileSync(`${file}-listening`, '');
  });
}

/** Linux counts what the parent had to a process's `maxRSS`; the high water mark of its own memory is elsewhere. */
function memoryBytesMax(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}
