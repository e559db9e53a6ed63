/**
 * `npm run package`: the unpacked app for this platform, in `build/out/packages`. With `-- --installers` what people
 * install, for which electron-builder may download its tools; other arguments are electron-builder's. Electron's runtime comes from the folder `ELECTRON_DIST`,
 * or from where the npm package put it; it is never downloaded here.
 */

import { buildPreload, freshenWindow } from './bundles.ts';
import { electronVersion, findRuntime } from './electron-runtime.ts';
import { projectFolder, runTool } from './run-tool.ts';

const runtime = findRuntime(projectFolder, process.env);
if (runtime === undefined) {
  process.stderr.write(
    `Electron's runtime is not here. Set ELECTRON_DIST to a folder that holds Electron ${electronVersion(projectFolder)} ` +
      `for ${process.platform} unpacked, or run \`npx install-electron\`, which downloads it.\n`,
  );
  process.exitCode = 1;
} else {
  process.exitCode = packageApp(runtime.folder);
}

function packageApp(electronDist: string): number {
  const compiled = runTool('typescript', ['-b', 'engine', 'electron']) || buildPreload();
  if (compiled !== 0 || !freshenWindow()) return compiled || 1;
  const args = process.argv.slice(2);
  const more = args.filter((arg) => arg !== '--installers');
  const what = more.length < args.length ? [] : ['--dir'];
  const config = ['--config', 'build/electron-builder.config.ts', `--config.electronDist=${electronDist}`];
  return runTool('electron-builder', [...what, ...config, '--publish', 'never', ...more]);
}
