/** A browser for the tests: Chromium or one of its family, as the system has it; started with nothing of a person's. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome.exe'];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** What it is started with besides: no sandbox because tests run in containers, no traffic of its own. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Its path; undefined where there is none. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...onPath, ...places].find((path) => existsSync(path));
}

/** The same for tests, which are skipped without it, and say so; in CI that is a failure, for it would hide them. */
export function neededChromium(): string | undefined {
  const path = findChromium();
  if (path === undefined && process.env.CI)
    throw new Error('These tests need Chromium, and CI must have it.');
  if (path === undefined) process.stderr.write('skipped: these tests need Chromium, which is not there\n');
  return path;
}
