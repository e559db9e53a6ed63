/**
 * `npm start`: the tray app in Electron. Where its runtime or a display is missing it says so and serves the window to
 * a browser of this machine instead; what is given as arguments is then `slackwater serve`'s.
 */
import { spawnSync } from 'node:child_process';
import { serveCommand } from '../electron/web/serve-command.ts';
import { buildPreload, freshenWindow } from './bundles.ts';
import { findRuntime, whyNoTrayApp } from './electron-runtime.ts';
import { projectFolder, runTool } from './run-tool.ts';

const runtime = findRuntime(projectFolder, process.env);
const here = { platform: process.platform, isRoot: process.getuid?.() === 0 };
const why = whyNoTrayApp(runtime, process.env, here);

if (!freshenWindow()) {
  process.exitCode = 1;
} else if (runtime === undefined || why !== undefined) {
  process.stdout.write(`${why}\nThe window is served to a browser of this machine instead.\n`);
  process.exit(await serveCommand(process.argv.slice(2)));
} else if ((runTool('typescript', ['-b', 'engine', 'electron']) || buildPreload()) !== 0) {
  process.exitCode = 1;
} else {
  const ended = spawnSync(runtime.program, [projectFolder, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = ended.status ?? 1;
}
