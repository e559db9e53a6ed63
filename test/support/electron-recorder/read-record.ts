/** What the recorder has written so far, read by the test: the newest line counts. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { nothingShown, type ShownApp } from '../shown-app.ts';

/** A function that looks again each time, and reads only where the file has grown. */
export function recordReader(file: string): () => ShownApp {
  let bytesSeen = 0;
  let newest = nothingShown;
  return () => {
    const bytes = existsSync(file) ? statSync(file).size : 0;
    if (bytes === bytesSeen) return newest;
    // A line that is still being written has no end yet.
    const line = readFileSync(file, 'utf8').split('\n').at(-2);
    if (line !== undefined) newest = JSON.parse(line) as ShownApp;
    bytesSeen = bytes;
    return newest;
  };
}
