/**
 * A folder that looks like Electron's distribution, where the real one cannot be had: its program takes Electron's
 * arguments and runs an app in the stand-in, under a real Node debugger and a real Chromium. So the way of the tests
 * into real Electron can be walked without it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ElectronRuntime } from '../../../build/electron-runtime.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

/** For a shell: not for Windows. */
export function pretendRuntime(parent: string): ElectronRuntime {
  const folder = join(parent, 'electron');
  const program = join(folder, 'electron');
  mkdirSync(folder);
  writeFileSync(join(folder, 'electron.cjs'), 'module.exports = globalThis.pretendElectron;\n');
  // Node takes its own arguments first; everything is then told to the program as well, as Electron does.
  writeFileSync(
    program,
    `#!/bin/sh\nexec '${process.execPath}' --inspect=0 '${main}' '${folder}/electron.cjs' "$@"\n`,
    { mode: 0o755 },
  );
  return { folder, program };
}
