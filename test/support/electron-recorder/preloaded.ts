/**
 * What real Electron requires before the app (`electron -r`), bundled by `bundle.ts`: the recorder, which writes what is
 * shown to the file that a variable names, one line of JSON each time, and listens for clicks under a global name.
 */
import { appendFileSync } from 'node:fs';
import electron from 'electron';
import { recordElectron } from './recorder.ts';
import { lookEveryMs, recorderName, recordVariable } from './shared.ts';

const file = process.env[recordVariable];
if (file === undefined) throw new Error(`${recordVariable} names no file`);
const recorder = recordElectron(electron, (shown) => appendFileSync(file, `${JSON.stringify(shown)}\n`));
setInterval(recorder.look, lookEveryMs).unref();
Object.assign(globalThis, { [recorderName]: recorder });
