/**
 * Finds the Node that runs Slackwater: at least version 24, preferably the pinned one of the npm package `node`. Plain
 * JavaScript for Node 18 and later, because the machine's own Node reads it. Used by `run.js` and `launch.js`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const majorMin = 24;
const require = createRequire(import.meta.url);

/** The path of a Node to run with, this process's own included; undefined where there is none. */
export function findNode() {
  return (
    pinnedNode() ?? (majorOf(process.version) >= majorMin ? realpathSync(process.execPath) : nodeOnPath())
  );
}

function pinnedNode() {
  try {
    const program = process.platform === 'win32' ? 'node.exe' : 'node';
    const path = join(dirname(require.resolve('node/package.json')), 'bin', program);
    // Where npm did not run the package's install script, the folder is there and the program is not.
    return existsSync(path) ? realpathSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/** Someone who installed Node 24 beside an older one may have named it so. */
function nodeOnPath() {
  for (const name of ['node24', 'node']) {
    const asked = spawnSync(name, ['--print', 'process.version + process.execPath'], { encoding: 'utf8' });
    const [, version, path] = /^(v\d+)[\d.]*(.*)$/.exec(asked.stdout ?? '') ?? [];
    if (version !== undefined && path && majorOf(version) >= majorMin) return path;
  }
  return undefined;
}

function majorOf(version) {
  return Number(version.slice(1).split('.')[0]);
}
