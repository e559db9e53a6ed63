/**
 * The whole tray app for the end-to-end specs, with the real engine process and real files: in real Electron wherever
 * its runtime and a display are here, in the stand-in elsewhere. The specs cannot tell which one they have.
 */
import type { Page } from 'playwright-core';
import { type ElectronRuntime, findRuntime, whyNoTrayApp } from '../../build/electron-runtime.ts';
import { projectFolder } from '../../build/run-tool.ts';
import { neededChromium } from '../support/chromium.ts';
import type { ClickableTray } from '../support/shown-app.ts';
import { startElectronApp } from './electron-app.ts';
import { startStandInApp } from './stand-in-app.ts';

export interface TrayApp {
  readonly tray: ClickableTray;
  /** The engines that were started, in order. */
  readonly children: readonly { readonly pid?: number }[];
  /** What was asked of the system about starting at login; an app that is not installed asks nothing. */
  readonly autostarts: readonly boolean[];
  readonly isInstalled: boolean;
  /** The newest window's page. */
  page(): Promise<Page>;
  /** Waits until `look` says so; fails with what the tray shows. */
  until(what: string, look: () => boolean): Promise<void>;
  /** Whether a backup can be started from the menu. */
  canBackUp(): boolean;
  /** Chooses Quit in the tray, and waits for the exit code. */
  quit(): Promise<number>;
}

export interface TrayAppOptions {
  /** In it lie settings, secrets and the recovery sheet. */
  readonly dataFolder: string;
}

export type AppChoice =
  | { readonly in: 'stand-in' }
  | { readonly in: 'electron'; readonly runtime: ElectronRuntime };

/** Forces one of the two: CI does, so that nothing is left out in silence. */
export const choiceVariable = 'SLACKWATER_E2E';

/** `why` says why Electron cannot run here. Throws where it must, or where the wish is unknown. */
export function chooseApp(
  wish: string | undefined,
  runtime: ElectronRuntime | undefined,
  why: string | undefined,
): AppChoice {
  if (wish === 'stand-in') return { in: 'stand-in' };
  if (wish !== undefined && wish !== '' && wish !== 'electron')
    throw new Error(`${choiceVariable} is electron or stand-in, not ${wish}`);
  if (runtime !== undefined && why === undefined) return { in: 'electron', runtime };
  if (wish === 'electron') throw new Error(`${choiceVariable} asks for real Electron. ${why}`);
  return { in: 'stand-in' };
}

function chosenApp(): AppChoice {
  const { env, platform } = process;
  const runtime = findRuntime(projectFolder, env);
  const why = whyNoTrayApp(runtime, env, { platform, isRoot: process.getuid?.() === 0 });
  return chooseApp(env[choiceVariable], runtime, why);
}

/** False where the specs are skipped, which has been said; in CI it throws instead. */
export function canRunApp(): boolean {
  return chosenApp().in === 'electron' || neededChromium() !== undefined;
}

/** Ends with the test, in order. */
export async function startTrayApp(options: TrayAppOptions): Promise<TrayApp> {
  const choice = chosenApp();
  return choice.in === 'electron'
    ? await startElectronApp(options, choice.runtime)
    : await startStandInApp(options);
}
