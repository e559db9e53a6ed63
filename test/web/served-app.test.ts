/** The app through a real browser: the same core, engine process and window as in Electron. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshenWindow } from '../../build/bundles.ts';
import { projectFolder } from '../../build/run-tool.ts';
import type { AppState } from '../../engine/protocol/app-state.ts';
import { chromiumArguments, neededChromium } from '../support/chromium.ts';
import { runRestic } from '../support/restic.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startServed } from './served-app.ts';

const program = neededChromium();
const files = 5_000;

beforeAll(() => expect(freshenWindow()).toBe(true));

// Paths are typed as on Unix here.
describe.skipIf(program === undefined || process.platform === 'win32')('a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: program!, args: chromiumArguments });
  });
  afterAll(() => browser?.close());

  it('makes a vault, a backup and a restore that restic agrees with', async () => {
    const home = temporaryFolder('served');
    const source = makeSource(join(home, 'documents'));
    const location = join(home, 'vault');
    const served = await startServed('electron/web/main.ts', home);
    const page = await openPage(browser, served.url);
    await goThroughFirstRun(page, source, location);
    const { runs, host, vaults } = await stateWhere(page, (state) => state.runs.length > 0);
    expect(runs[0]).toMatchObject({ outcome: { at: 'saved', errors: 0 } });
    expect(host).toBe('web');

    rmSync(join(source, 'file7'));
    await restoreInPlace(page, source);
    await stateWhere(page, ({ restore }) => restore?.outcome === 'done');
    expect(readFileSync(join(source, 'file7'), 'utf8')).toBe('content of 7\n');

    const sheet = readFileSync(vaults[0]!.recoverySheet!, 'utf8');
    const password = /\b\w{4}(?:-\w{4}){12}\b/.exec(sheet)?.[0] ?? '';
    const checked = await runRestic(['check', '--read-data'], { repo: location, password });
    expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining('no errors were found')]);
    expect(await served.stop()).toBe(0);
    expect(readdirSync(join(location, 'locks'))).toEqual([]);
  });

  it('shows the window, connected, without an error and without a way out', async () => {
    const home = temporaryFolder('served');
    const served = await startServed('electron/web/main.ts', home);
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== new URL(served.url).origin) wrong.push(request.url());
    });
    await page.goto(served.url);
    await page.getByRole('button').first().waitFor();
    expect(new URL(page.url()).search).toBe('');
    expect(wrong).toEqual([]);
    // The cookie is for this page alone: another site's page gets nothing with it.
    const other = await context.newPage();
    await other.goto('data:text/html,<title>other</title>');
    const base = served.url.replace(/\?.*/, '');
    expect(await other.evaluate((url) => fetch(`${url}state`).then(String, () => 'refused'), base)).toBe(
      'refused',
    );
    await context.close();
    expect(await served.stop()).toBe(0);
  });
});

describe('`npm start` without Electron', () => {
  it('says so, and serves the window', async () => {
    const manifest = readFileSync(join(projectFolder, 'package.json'), 'utf8');
    expect(JSON.parse(manifest).scripts.start).toBe('node build/run.js build/start-app.ts');
    const home = temporaryFolder('served');
    const served = await startServed('build/start-app.ts', home);
    expect(served.printed()).toMatch(
      /^(?:Electron's runtime is not installed here|There is no display here).*, so there is no tray icon\.\nThe window is served to a browser of this machine instead\.\nSlackwater is at /,
    );
    const answered = await fetch(served.url);
    expect([answered.status, answered.headers.get('set-cookie')]).toEqual([
      200,
      expect.stringContaining('HttpOnly; SameSite=Strict'),
    ]);
    await answered.text();
    expect(await served.stop()).toBe(0);
  });

  it('is not served twice', async () => {
    const home = temporaryFolder('served');
    const served = await startServed('electron/web/main.ts', home);
    await expect(startServed('electron/web/main.ts', home)).rejects.toThrow(
      'Slackwater cannot be served: it is served already',
    );
    expect(await served.stop()).toBe(0);
  });

  it('leaves the address for a browser in a file of the person alone', async () => {
    const home = temporaryFolder('served');
    const served = await startServed('electron/web/main.ts', home);
    const opening = readdirSync(home, { recursive: true, encoding: 'utf8' }).find((path) =>
      path.endsWith('open.html'),
    );
    expect(readFileSync(join(home, opening!), 'utf8')).toContain(served.url);
    if (process.platform !== 'win32') expect(statSync(join(home, opening!)).mode & 0o777).toBe(0o600);
    await served.stop();
    expect(existsSync(join(home, opening!))).toBe(false);
  });
});

async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ locale: 'en-GB' });
  page.setDefaultTimeout(10_000);
  await page.goto(url);
  await page.waitForURL((at) => at.search === '');
  return page;
}

/** As a person does, with the keyboard's and screen reader's names of things. */
async function goThroughFirstRun(page: Page, source: string, location: string): Promise<void> {
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  await press('Set up the first backup');
  await page.getByLabel('Folder or file 1').fill(source);
  await press('Next');
  await page.getByLabel('Folder of the vault').fill(location);
  await press('Test this place');
  await press('Next');
  await press('Finish and back up');
  await press('Done');
}

async function restoreInPlace(page: Page, source: string): Promise<void> {
  await page.getByRole('link', { name: 'Restore' }).click();
  await page
    .getByRole('button', { name: /^Browse/ })
    .first()
    .click();
  for (const name of source.split('/').slice(1)) {
    await page.getByRole('button', { name: `Open ${name}`, exact: true }).click();
  }
  await page
    .getByText('file7', { exact: true })
    .or(page.getByText('file0', { exact: true }))
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Restore this folder' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Back where it was').check();
  await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
}

/** The first state for which it holds. */
async function stateWhere(page: Page, holds: (state: AppState) => boolean): Promise<AppState> {
  for (;;) {
    const text = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const source = new EventSource('/state');
          source.onmessage = ({ data }) => {
            source.close();
            resolve(data as string);
          };
        }),
    );
    const state = JSON.parse(text) as AppState;
    if (holds(state)) return state;
    await page.waitForTimeout(100);
  }
}

function makeSource(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (let n = 0; n < files; n++) writeFileSync(join(folder, `file${n}`), `content of ${n}\n`);
  return folder;
}
