/**
 * The program of the pretended Electron: starts Chromium, makes `electron` a module, requires what `-r` names, runs the
 * app, and ends with its exit code. Run by `runtime.ts`'s script, with that module's file as the first argument.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumArguments, findChromium } from '../chromium.ts';
import { type StandIn, startStandIn } from '../electron-stand-in/stand-in.ts';
import { engineName } from '../shown-app.ts';

const [moduleFile = '', ...args] = process.argv.slice(2);

/** As Electron reads its command line: what is required first, switches for Chromium, then the app's folder. */
function read(line: readonly string[]): { modules: string[]; switches: string[]; folder: string } {
  const modules: string[] = [];
  const switches: string[] = [];
  for (let at = 0; at < line.length; at++) {
    const argument = line[at]!;
    if (argument === '-r') modules.push(line[++at] ?? '');
    else if (argument.startsWith('-')) switches.push(argument);
    else return { modules, switches, folder: argument };
  }
  throw new Error('no app was named');
}

async function startChromium(switches: readonly string[]) {
  const profile = switches.filter((one) => one.startsWith('--user-data-dir='));
  const more = ['--headless', '--remote-debugging-port=0', ...profile, '--no-startup-window'];
  const child = spawn(findChromium() ?? 'chromium', [...chromiumArguments, ...more], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) {
    const address = /^DevTools listening on (ws:\S+)$/.exec(line)?.[1];
    if (address !== undefined) return { child, address };
  }
  throw new Error('Chromium did not start');
}

function makeModule({ electron, children, app }: StandIn): void {
  const getAppMetrics = () =>
    children.flatMap(({ pid }) => (pid === undefined ? [] : [{ name: engineName, pid }]));
  // What electron-store asks besides.
  Object.assign(app, { getAppMetrics, getPath: () => '/nowhere' });
  Object.assign(electron.ipcMain, { on: () => undefined });
  Object.assign(globalThis, { pretendElectron: electron });
  const url = pathToFileURL(moduleFile).href;
  registerHooks({
    resolve: (name, context, next) =>
      name === 'electron' ? { url, format: 'commonjs', shortCircuit: true } : next(name, context),
  });
}

const { modules, switches, folder } = read(args);
const { child, address } = await startChromium(switches);
const browser = await chromium.connectOverCDP(address);
const [context] = browser.contexts();
const standIn = await startStandIn({ context: context! });
makeModule(standIn);
const require = createRequire(import.meta.url);
for (const module of modules) require(module);
process.stderr.write(`DevTools listening on ${address}\n`);
const { main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { main: string };
await import(pathToFileURL(resolve(folder, main)).href);
const code = await standIn.app.exited;
const gone = once(child, 'exit');
// With all of its processes: the program may be a script around it.
await (await browser.newBrowserCDPSession()).send('Browser.close').catch(() => undefined);
await gone;
process.exit(code);
