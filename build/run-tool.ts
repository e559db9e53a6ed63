/** Runs a tool of `node_modules` in the project's folder, under the Node that runs this. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
export const projectFolder = fileURLToPath(new URL('..', import.meta.url));

/** Its exit code; its output goes where ours goes. `packageName` is of a package that has one program; `env` is added to ours. */
export function runTool(packageName: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): number {
  const manifest = require.resolve(`${packageName}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: string | Record<string, string> };
  const program = typeof bin === 'string' ? bin : Object.values(bin)[0]!;
  const ended = spawnSync(process.execPath, [join(dirname(manifest), program), ...args], {
    cwd: projectFolder,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (ended.error !== undefined) throw ended.error;
  return ended.status ?? 1;
}
