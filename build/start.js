/**
 * Runs a program under the right Node, as if it had been started so from the beginning: on Unix this process becomes
 * that Node (same process id, exactly the same bytes as arguments, and a signal arrives once). Where a process cannot
 * become another one, it waits for a child, passes signals on and ends as the child ended. Plain JavaScript for Node 18
 * and later. Used by `run.js` and `launch.js`.
 */
import { spawn } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { pathToFileURL } from 'node:url';
import { findNode } from './find-node.js';

const advice =
  'Slackwater needs Node 24 or later, and found only %s. In the folder where Slackwater is installed run ' +
  '`npm install node@24` (its install script must be allowed to run), or put a newer Node on the PATH.\n';

/**
 * `args` must be the last ones of this process. `compiled`: where Node keeps what it has compiled, if anywhere. It returns
 * only when `file` runs in this very process.
 */
export async function start(file, args, compiled) {
  const node = findNode();
  if (node === undefined) {
    process.stderr.write(advice.replace('%s', process.version));
    process.exit(1);
  }
  if (node === realpathSync(process.execPath)) {
    if (compiled !== undefined) module.enableCompileCache(compiled);
    process.argv = [process.execPath, file, ...args];
    await import(pathToFileURL(file).href);
    return;
  }
  if (compiled !== undefined) process.env.NODE_COMPILE_CACHE ??= compiled;
  become(node, [Buffer.from(node), Buffer.from(file), ...rawArguments(args)]);
  runAsChild(node, [file, ...args]);
}

/** The arguments as bytes: Node decodes them as UTF-8 and so loses what is none; Linux still knows. */
function rawArguments(args) {
  if (process.platform !== 'linux' || !args.some((arg) => arg.includes('\ufffd')))
    return args.map((arg) => Buffer.from(arg));
  const parts = readFileSync('/proc/self/cmdline', 'latin1').split('\0').slice(0, -1);
  return parts.slice(parts.length - args.length).map((part) => Buffer.from(part, 'latin1'));
}

/** `execv(3)`. It returns only where that does not exist or fails. */
function become(node, argv) {
  if (process.platform === 'win32') return;
  try {
    const koffi = createRequire(import.meta.url)('koffi');
    const library = koffi.load(null);
    const fcntl = library.func('int fcntl(int fd, int command, ...)');
    const execv = library.func('int execv(const char *path, void *argv)');
    const texts = argv.map((bytes) => Buffer.concat([bytes, Buffer.alloc(1)]));
    const pointers = BigUint64Array.from([...texts.map((text) => BigInt(koffi.address(text))), 0n]);
    // Node marked the standard streams to be closed on exec; F_SETFD is 2 on every Unix.
    for (const fd of [0, 1, 2]) fcntl(fd, 2, 'int', 0);
    execv(node, pointers);
  } catch {
    // No such call here: a child does it.
  }
}

function runAsChild(node, args) {
  const child = spawn(node, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // Ctrl-C in a terminal has reached the child already.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`Cannot start Node 24: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    process.exitCode = 128 + (constants.signals[signal] ?? 0);
  });
}
