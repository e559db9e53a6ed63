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

/** Of the package `node`, or of the one for this platform that it is made of. */
function pinnedNode() {
  const [os, program] = process.platform === 'win32' ? ['win', 'node.exe'] : [process.platform, 'node'];
  for (const name of ['node', `node-${os}-${process.arch}`, `node-bin-${os}-${process.arch}`]) {
    try {
      const path = join(dirname(require.resolve(`${name}/package.json`)), 'bin', program);
      // Where npm did not run the package's install script, the folder is there and the program is not.
      if (existsSync(path)) return realpathSync(path);
    } catch {
      // Not installed.
    }
  }
  return undefined;
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
