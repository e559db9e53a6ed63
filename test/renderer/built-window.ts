/**
 * The built window in a real browser: served on loopback under the strictest policy that it works with, its bridge
 * joined to a fake app. For the window's tests.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import type { AppState } from '../../engine/protocol/app-state.ts';
import { neededChromium } from '../support/chromium.ts';
import { type Asked, createFakeApp } from './fake-answers.ts';

export const browser = neededChromium();

export const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface BuiltWindow {
  open(state: AppState, route: string, size: { width: number; height: number }): Promise<OpenWindow>;
  close(): Promise<void>;
}

export interface OpenWindow {
  readonly page: Page;
  /** Calls that the window made. */
  readonly asked: readonly Asked[];
  /** What the page's policy refused, and errors that nobody caught. */
  readonly wrongs: readonly string[];
  show(state: AppState): Promise<void>;
}

/** Plain JavaScript of the page: what Electron's preload script would put there. */
const bridgeScript = (state: AppState): string => `{
  const listeners = new Set();
  let state = ${JSON.stringify(state)};
  const calls = new Proxy({}, {
    get: (_, name) => async (argument) => {
      const settled = await window.askFakeApp(name, argument);
      if (settled.ok) return settled.value;
      throw new Error(settled.code);
    },
  });
  window.slackwater = {
    calls,
    onState(listener) { listeners.add(listener); listener(state); return () => listeners.delete(listener); },
  };
  window.showState = (next) => { state = next; for (const listener of listeners) listener(next); };
}`;

async function serveFolder(folder: string): Promise<{ address: string; close(): void }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file = join(folder, path === '/' ? 'index.html' : path);
    if (!file.startsWith(folder) || !existsSync(file)) return void response.writeHead(404).end();
    const type = types[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy });
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, close: () => server.close() };
}

async function openPage(context: BrowserContext, state: AppState, address: string): Promise<OpenWindow> {
  const page = await context.newPage();
  const { asked, answer } = createFakeApp(state);
  const wrongs: string[] = [];
  page.on('console', (message) => {
    // A missing picture for the tab is no concern of the window.
    if (message.type() === 'error' && !message.text().includes('404')) wrongs.push(message.text());
  });
  page.on('pageerror', (error) => wrongs.push(String(error)));
  await page.exposeFunction('askFakeApp', async (name: string, argument: unknown) => {
    try {
      return { ok: true, value: await answer(name, argument) };
    } catch (error) {
      return { ok: false, code: error instanceof Error ? error.message : 'other' };
    }
  });
  await page.addInitScript(bridgeScript(state));
  await page.goto(address);
  await page.waitForSelector('main h1');
  await page.waitForLoadState('networkidle');
  const show = async (next: AppState): Promise<void> => {
    await page.evaluate(`window.showState(${JSON.stringify(next)})`);
  };
  return { page, asked, wrongs, show };
}

/** Builds the window anew and starts the browser. */
export async function startBuiltWindow(): Promise<BuiltWindow> {
  const scratch = mkdtempSync(join(tmpdir(), 'slackwater-window-'));
  const folder = join(scratch, 'renderer');
  const configFile = fileURLToPath(new URL('../../build/vite.config.ts', import.meta.url));
  await build({ configFile, logLevel: 'warn', build: { outDir: folder } });
  const server = await serveFolder(folder);
  const context = await chromium.launchPersistentContext(join(scratch, 'profile'), {
    executablePath: browser ?? 'chromium',
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return {
    open: async (state, route, size) => {
      const opened = await openPage(context, state, `${server.address}/#/${route}`);
      await opened.page.setViewportSize(size);
      return opened;
    },
    close: async () => {
      await context.close();
      server.close();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
