/**
 * The composition root of the app without Electron: the same core and engine process, shown to a browser. Used by
 * `serve-command.ts`.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApp } from '../app/app.ts';
import type { App } from '../app/parts.ts';
import { toPlainFailure } from '../app/plain-failure.ts';
import { forkEngines } from '../engine-host/fork-engine.ts';
import { createEngineHost } from '../engine-host/host.ts';
import { createScheduler, everyMinute } from '../schedule/scheduler.ts';
import { openHistory } from '../settings/history.ts';
import { keptFile } from '../settings/kept-file.ts';
import { openSecrets } from '../settings/secrets.ts';
import { openSettings, type SettingsWarning } from '../settings/store.ts';
import { type DataPaths, dataPaths } from '../system/data-paths.ts';
import { beOnlyOne } from '../system/only-one.ts';
import { makeId, makeKey, makeSecret, networkAddresses, realClock } from '../system/real-world.ts';
import { watchNetwork } from '../watch/network.ts';
import { watchClock } from '../watch/power.ts';
import { type Bundle, readBundle } from './bundle.ts';
import { openWebHost } from './web-host.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ServeOptions {
  /** Any free one where it is 0. */
  readonly port: number;
  readonly environment: Environment;
  warn(sentence: string): void;
  showFile(path: string): Promise<void>;
}

export interface Served {
  /** With the token, good for one use. */
  readonly url: string;
  /** A page of the person's own that leads there: its path may be seen by others. */
  readonly openingFile: string;
  /** Runs end in order, then the host does. */
  stop(): Promise<void>;
}

/** Fails with an error whose message is a sentence for the person. */
export async function serveApp(options: ServeOptions): Promise<Served> {
  const bundle = windowBundle();
  const paths = dataPaths(process.platform, homedir(), options.environment);
  mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
  const leave = await beOnlyOne(paths.folder);
  if (leave === undefined)
    throw new Error('it is served already, by another process that runs on this machine');
  const app = composeApp(paths, options);
  const parts = { app, bundle, makeSecret, toFailure: toPlainFailure, port: options.port };
  const host = await openWebHost(parts);
  await app.start();
  const leaveClock = watchClock(realClock, app.tell);
  const leaveNetwork = watchNetwork({ clock: realClock, addresses: networkAddresses }, app.tell);
  const openingFile = writeOpeningFile(paths.folder, host.url);
  return {
    url: host.url,
    openingFile,
    async stop() {
      rmSync(openingFile, { force: true });
      leaveClock();
      leaveNetwork();
      await app.quit();
      await host.close();
      leave();
    },
  };
}

function composeApp(paths: DataPaths, { showFile, warn }: ServeOptions): App {
  const warning = (what: SettingsWarning): void => warn(warningSentence(what));
  return createApp({
    engine: createEngineHost({ spawn: forkEngines(paths.cache), clock: realClock }),
    settings: openSettings(keptFile(paths.settings), warning),
    secrets: openSecrets(paths.secrets, undefined, warning),
    history: openHistory(paths.history),
    schedule: createScheduler({ clock: realClock, everyMinute }),
    clock: realClock,
    makeId,
    makeKey,
    chooseFolder: async () => undefined,
    showFile,
    host: 'web',
    systemLanguages: [Intl.DateTimeFormat().resolvedOptions().locale],
    version: programVersion(),
    hostname: hostname(),
    platform: process.platform,
    homeFolder: homedir(),
    dataFolder: paths.folder,
  });
}

function warningSentence({ code, aside }: SettingsWarning): string {
  switch (code) {
    case 'settings-unreadable':
      return `The settings cannot be read. They are kept as ${aside}, and the defaults hold.`;
    case 'secrets-unreadable':
      return `The file of passwords cannot be read. It is kept as ${aside}; vaults ask for their password again.`;
    case 'secrets-not-encrypted':
      return 'Passwords of vaults lie unencrypted in a file that only you can read: there is no keychain to seal them.';
  }
}

/** The sources and what is compiled of them lie differently deep in the project. */
const isCompiled = import.meta.url.endsWith('.js');
const project = fileURLToPath(new URL(isCompiled ? '../../../../' : '../../', import.meta.url));

function windowBundle(): Bundle {
  try {
    const icon = {
      contentType: 'image/png',
      bytes: readFileSync(join(project, 'build', 'icons', 'app.png')),
    };
    // Browsers ask for this name, whatever the page says.
    return new Map([...readBundle(join(project, 'build', 'out', 'renderer')), ['/favicon.ico', icon]]);
  } catch (cause) {
    throw new Error('the window is not built: run `npm run build:window` first', { cause });
  }
}

function programVersion(): string {
  return (JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string }).version;
}

function writeOpeningFile(dataFolder: string, url: string): string {
  const path = join(dataFolder, 'open.html');
  const page = `<!doctype html><meta http-equiv="refresh" content="0; url=${url}"><title>Slackwater</title>\n`;
  writeFileSync(path, page, { mode: 0o600 });
  return path;
}
