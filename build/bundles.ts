/** What Vite makes: the window's bundle, the preload that connects it in Electron, and the bundles of the engine. */
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder, runTool } from './run-tool.ts';

/** Served by the web host, shown by Electron. */
export const windowFolder = join(projectFolder, 'build/out/renderer');

const sources = ['renderer', 'engine/protocol', 'build/vite.config.ts', 'npm-shrinkwrap.json'];

/** Vite's exit code. The window appears whole, so that whoever reads it meanwhile has the old one or the new one. */
export function buildWindow(): number {
  const draft = `${windowFolder}-${process.pid}`;
  const code = runVite('build/vite.config.ts', '--outDir', draft);
  if (code === 0) {
    rmSync(windowFolder, { recursive: true, force: true });
    renameSync(draft, windowFolder);
  }
  return code;
}

/** To `build/out/electron/preload.cjs`. The same. */
export function buildPreload(): number {
  return runVite('build/vite.preload.config.ts');
}

/** To `build/out`: engine and app compiled, the engine's programs bundled over what was made of their entries. The same. */
export function compileEngine(): number {
  return runTool('typescript', ['-b', 'engine', 'electron']) || runVite('build/vite.engine.config.ts');
}

function runVite(config: string, ...more: string[]): number {
  // Asked for by a test, it would be made of React for development.
  const env = { NODE_ENV: 'production' };
  return runTool('vite', ['build', '--config', config, '--logLevel', 'warn', ...more], env);
}

/**
 * Makes the window where it is missing or older than what it is made of. False where that failed; what was wrong has
 * been printed.
 */
export function freshenWindow(): boolean {
  const made = newestMs(join(windowFolder, 'index.html'));
  const isFresh = made !== 0 && sources.every((path) => newestMs(join(projectFolder, path)) <= made);
  return isFresh || buildWindow() === 0;
}

/** When something at or under the path was last changed; 0 where nothing is there. */
function newestMs(path: string): number {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return 0;
  if (!facts.isDirectory()) return facts.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}
