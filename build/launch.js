#!/usr/bin/env node
/**
 * The program `slackwater` as npm installs it. In a checkout it runs the TypeScript sources; inside a `node_modules`
 * folder, where Node strips no types, it runs what `compile.ts` made of them. `slackwater serve` is the app for a
 * browser and explained by it, everything else is the engine's command line, which knows nothing of the app.
 */
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiledFolder } from './compiled-folder.js';
import { start } from './start.js';

// The real path: `npx` in a checkout reaches this file by a link.
const home = fileURLToPath(new URL('..', import.meta.url));
const installed = home.split(sep).includes('node_modules');
const args = process.argv.slice(2);
const asksHowToServe = ['help', '-h', '--help'].includes(args[0]) && args[1] === 'serve';
const serves = args[0] === 'serve' || asksHowToServe;
const program = serves ? 'electron/web/main' : 'engine/cli/main';
await start(
  join(home, installed ? `build/out/${program}.js` : `${program}.ts`),
  asksHowToServe ? ['--help'] : serves ? args.slice(1) : args,
  compiledFolder(),
);
