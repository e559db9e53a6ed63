#!/usr/bin/env node
/** `node build/run.js FILE ARG...`: runs a TypeScript file of this project under Node 24, whatever Node runs this. */
import { resolve } from 'node:path';
import { start } from './start.js';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('Usage: node build/run.js FILE [ARG...]\n');
  process.exit(1);
}
await start(resolve(file), args);
