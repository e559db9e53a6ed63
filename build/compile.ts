/**
 * Makes the JavaScript and the window that the npm package runs, from nothing: what an earlier compilation left is
 * removed first. Run by `npm run build` and before every `npm pack`.
 */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildPreload, buildWindow, compileEngine } from './bundles.ts';
import { writeAssembly } from './compile-assembly.ts';

const out = fileURLToPath(new URL('out', import.meta.url));
rmSync(out, { recursive: true, force: true });
writeAssembly();
process.exitCode = compileEngine() || buildWindow() || buildPreload();
