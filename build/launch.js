#!/usr/bin/env node
/**
 * The program `slackwater` as npm installs it. In a checkout it runs the TypeScript sources; inside a `node_modules`
 * folder, where Node strips no types, it runs what `compile.ts` made of them.
 */
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './start.js';

// The real path: `npx` in a checkout reaches this file by a link.
const home = fileURLToPath(new URL('..', import.meta.url));
const installed = home.split(sep).includes('node_modules');
await start(
  join(home, installed ? 'build/out/engine/cli/main.js' : 'engine/cli/main.ts'),
  process.argv.slice(2),
);
