import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answerWindows } from '../../electron/window/ipc.ts';
import { closeSession, createAppWindow } from '../../electron/window/window.ts';
import { CallRefused } from '../../engine/protocol/link.ts';
import { neededChromium } from '../support/chromium.ts';
import { exampleState } from '../support/electron-stand-in/example-state.ts';
import { startStandIn } from '../support/electron-stand-in/stand-in.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What the page of these tests has put where the test can look. */
interface PageScope {
  states: { hostname: string }[];
  evil?: boolean;
  evaluated?: string;
  slackwater: { calls: Record<string, (argument?: unknown) => Promise<unknown>> };
}
declare const window: PageScope & { location: { href: string }; open(url: string): unknown };

const pageScript = `
  window.states = [];
  slackwater.onState((state) => states.push(state));
  try { window.evaluated = eval('"yes"'); } catch (error) { window.evaluated = error.name; }`;

async function openWindow() {
  const bundleFolder = join(temporaryFolder('window'), 'renderer');
  mkdirSync(bundleFolder);
  writeFileSync(
    join(bundleFolder, 'index.html'),
    '<title>t</title><script src="page.js"></script><p>here</p>',
  );
  writeFileSync(join(bundleFolder, 'page.js'), pageScript);
  const standIn = await startStandIn();
  onTestFinished(() => standIn.close());
  closeSession(standIn.electron, bundleFolder);
  const preloadFile = fileURLToPath(new URL('../../electron/preload.ts', import.meta.url));
  const shown = createAppWindow(standIn.electron, { bundleFolder, preloadFile, icon: '' });
  const asked: unknown[] = [];
  const refused: string[] = [];
  answerWindows(standIn.electron.ipcMain, {
    isOurWindow: shown.isOurs,
    answers: new Proxy({} as Parameters<typeof answerWindows>[1]['answers'], {
      get: (_, name) => async (argument: unknown) => {
        asked.push([name, argument]);
        if (name === 'resume') throw new CallRefused({ code: 'not-found', detail: { id: 'x' } });
        return { rows: [], total: 3 };
      },
    }),
    toFailure: (error) => (error as CallRefused).failure,
    onRefused: (what) => refused.push(what),
  });
  shown.tell(exampleState());
  shown.show('restore');
  const page = await standIn.page();
  await page.getByText('here').waitFor();
  return { standIn, shown, page, asked, refused };
}

describe.skipIf(neededChromium() === undefined)('the window in Chromium', () => {
  it('gets the state, makes calls, and hears why one failed', async () => {
    const { page, asked, shown } = await openWindow();
    expect(page.url()).toMatch(/#\/restore$/);
    await page.waitForFunction(() => window.states.length > 0);
    shown.tell(exampleState({ hostname: 'grace' }));
    await page.waitForFunction(() => window.states.at(-1)?.hostname === 'grace');
    const answer = await page.evaluate(() => window.slackwater.calls.listRuns?.({ start: 0, count: 5 }));
    expect(answer).toEqual({ rows: [], total: 3 });
    const failure = await page.evaluate(() =>
      window.slackwater.calls.resume?.().catch((error: unknown) => error),
    );
    expect(failure).toEqual({ failure: { code: 'not-found', detail: { id: 'x' } } });
    expect(asked).toEqual([
      ['listRuns', { start: 0, count: 5 }],
      ['resume', undefined],
    ]);
  });

  it('reaches nothing but the named calls', async () => {
    const { page, refused, asked } = await openWindow();
    const reach = await page.evaluate(() => ({
      names: Object.keys(window.slackwater),
      hasNode: 'require' in window || 'process' in window || 'standInInvoke' in window,
      hasUnknown: 'constructorx' in window.slackwater.calls,
    }));
    expect(reach).toEqual({ names: ['calls', 'onState'], hasNode: false, hasUnknown: false });
    const wrong = await page.evaluate(() =>
      window.slackwater.calls.listRuns?.({ start: -1 }).catch((error: unknown) => error),
    );
    expect(wrong).toMatchObject({ failure: { code: 'usage' } });
    expect(refused).toEqual(['bad-argument: "listRuns"']);
    expect(asked).toEqual([]);
  });

  it('runs no script that is not of the bundle', async () => {
    const { page } = await openWindow();
    // No text becomes markup at all: where a page must take only trusted types, it has no way to make one.
    const written = await page.evaluate(() => {
      const { document } = window as unknown as { document: { body: { innerHTML: string } } };
      try {
        document.body.innerHTML = '<img src="x" onerror="window.evil = true">';
        return 'written';
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(written).toBe('TypeError');
    // And an element that is made by hand has no script in it that runs.
    await page.evaluate(() => {
      interface Element {
        src: string;
        setAttribute(name: string, value: string): void;
      }
      const { document } = window as unknown as {
        document: { body: { append(element: Element): void }; createElement(name: string): Element };
      };
      const image = document.createElement('img');
      try {
        image.setAttribute('onerror', 'window.evil = true');
      } catch {
        // Refused already.
      }
      image.src = 'x';
      document.body.append(image);
    });
    const result = await page.evaluate(async () => {
      const scope = globalThis as unknown as { fetch(url: string): Promise<unknown> };
      const fetched = await scope.fetch('/index.html').catch((error: Error) => error.name);
      return { fetched, evil: window.evil, evaluated: window.evaluated };
    });
    expect(result).toEqual({ evaluated: 'EvalError', fetched: 'TypeError', evil: undefined });
  });

  it('goes nowhere else and opens nothing', async () => {
    const { page, standIn } = await openWindow();
    await page.evaluate(() => {
      window.location.href = 'https://example.com/';
    });
    await expect.poll(() => standIn.world.refused).toContain('https://example.com/');
    expect(await page.getByText('here').count()).toBe(1);
    await page.evaluate(() => void window.open('https://example.com/other'));
    await expect.poll(() => standIn.world.refused).toContain('window.open');
    await expect.poll(() => page.context().pages().length).toBe(1);
  });

  it('is hidden when it is closed, and comes back on the page that is asked for', async () => {
    const { page, standIn, shown } = await openWindow();
    const [window] = standIn.world.windows;
    window?.close();
    expect(window?.isVisible()).toBe(false);
    shown.show('vaults');
    expect(window?.isVisible()).toBe(true);
    expect(standIn.world.windows).toHaveLength(1);
    await expect.poll(() => page.url()).toMatch(/#\/vaults$/);
  });
});
