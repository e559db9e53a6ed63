import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFolder } from '../../build/run-tool.ts';
import type { AppState } from '../../engine/protocol/app-state.ts';
import { type BuiltWindow, browser, type OpenWindow, startBuiltWindow } from './built-window.ts';
import { sealed } from './fake-networks.ts';
import { hostileName, states } from './fake-state.ts';
import { type Look, looks, scenes } from './scenes.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const size = { width: 1_000, height: 700 };

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

async function violationsOf({ page }: OpenWindow): Promise<string[]> {
  const found = await page.evaluate<{ violations: Violation[] }>('window.axe.run(document)');
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
  );
}

/** Two frames after the page says so, its words are drawn as well. */
async function isInLook(page: Page, { theme, language }: Look): Promise<void> {
  const lang = language === 'zh' ? 'zh-CN' : language;
  const root = page.locator(`html[lang="${lang}"][data-mantine-color-scheme="${theme}"]`);
  await root.waitFor({ state: 'attached' });
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
}

/** For a person to look at, in `build/out/pictures`: as high as its content, so that nothing is out of sight. */
async function takePicture(page: Page, name: string, width: number): Promise<void> {
  const height = await page.evaluate(
    `Math.max(700, (document.querySelector('.content') ?? document.body).scrollHeight + (innerWidth < 704 ? 64 : 0))`,
  );
  await page.setViewportSize({ width, height: Number(height) });
  await page.screenshot({
    path: join(projectFolder, 'build/out/pictures', `${name}.png`),
    animations: 'disabled',
  });
}

describe.skipIf(browser === undefined)('the window', () => {
  let built: BuiltWindow;

  beforeAll(async () => {
    built = await startBuiltWindow();
  });
  afterAll(async () => {
    await built?.close();
  });

  describe.each(scenes.map((scene) => [scene.name, scene] as const))('%s', (_, scene) => {
    const inLook = ({ theme, language }: Look): AppState => ({
      ...scene.state,
      general: { ...scene.state.general, theme, language },
    });
    let opened: OpenWindow;

    // To load the window and axe takes several times as long as to look at it: once for all looks, which are changed
    // as a person changes them in the settings.
    beforeAll(async () => {
      opened = await built.open(inLook(looks[0]), scene.route, { width: looks[0].width, height: 700 });
      await scene.act?.(opened.page);
      await opened.page.evaluate(axe);
    });
    afterAll(async () => {
      await opened?.page.close();
    });

    it.each(looks)('can be used by everybody, and nothing is cut off: $name', async (look) => {
      await opened.page.setViewportSize({ width: look.width, height: 700 });
      await opened.show(inLook(look));
      await isInLook(opened.page, look);
      expect(await violationsOf(opened)).toEqual([]);
      expect(opened.wrongs).toEqual([]);
      const tooWide = await opened.page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(tooWide).toBeLessThanOrEqual(0);
      await takePicture(opened.page, `${scene.name}-${look.name}`, look.width);
    });
  });

  it('has targets of at least 32 px', async () => {
    for (const route of ['overview', 'restore', 'vaults', 'activity', 'settings', 'set']) {
      const { page } = await built.open(states.calm, route, size);
      const small =
        await page.evaluate(`[...document.querySelectorAll('button, a, select, summary, input:not([type=checkbox]):not([type=radio])')]
        .filter((one) => one.getClientRects().length > 0 && one.getBoundingClientRect().height < 32)
        .map((one) => one.outerHTML.slice(0, 120))`);
      expect(small).toEqual([]);
      await page.close();
    }
  });

  it('shows hostile names as text', async () => {
    const { page, wrongs } = await built.open(states.trouble, 'overview', size);
    const heading = await page.locator('h3').nth(1).textContent();
    expect(heading).toBe(hostileName.replaceAll(/[\u202e\u0007]/g, '\ufffd'));
    expect(await page.locator('img').count()).toBe(0);
    expect(wrongs).toEqual([]);
    await page.close();
  });

  it('asks the app for what its buttons say', async () => {
    const { page, asked, show } = await built.open(states.calm, 'overview', size);
    await page.getByRole('button', { name: 'Back up now' }).first().click();
    await show(states.working);
    await page.getByRole('button', { name: 'Stop' }).first().click();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('menuitem', { name: 'For 2 hours' }).click();
    await expect
      .poll(() => asked)
      .toEqual([
        { name: 'backUpNow', argument: { planId: 'documents' } },
        { name: 'cancelRun', argument: { planId: 'documents' } },
        { name: 'pause', argument: { durationMs: 7_200_000 } },
      ]);
    await page.close();
  });

  it('is never full before the run is verified', async () => {
    const { page, show } = await built.open(states.waiting, 'overview', size);
    const read = page.getByRole('progressbar', { name: 'Read' });
    expect(await read.getAttribute('aria-valuenow')).toBe('99');
    const view = states.waiting.plans[0]!;
    if (view.activity.at !== 'running') throw new Error('the scene has no run');
    const progress = { ...view.activity.progress, phase: 'verified' as const };
    await show({ ...states.waiting, plans: [{ ...view, activity: { ...view.activity, progress } }] });
    await expect.poll(() => read.getAttribute('aria-valuenow')).toBe('100');
    await page.close();
  });

  it('speaks the language of the settings at once', async () => {
    const { page, show } = await built.open(states.calm, 'settings', size);
    await show({ ...states.calm, general: { ...states.calm.general, language: 'zh' } });
    await page.getByRole('heading', { name: '设置' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await page.close();
  });

  it('walks a folder down and up, page by page, and restores what was chosen', async () => {
    const { page, asked } = await built.open(states.calm, 'restore', size);
    await page
      .getByRole('button', { name: /^Browse/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Open home' }).click();
    await page.getByText('file-99.txt').waitFor();
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.getByText('file-100.txt').waitFor();
    await page.getByRole('button', { name: 'Everything' }).click();
    await page.getByRole('button', { name: 'Restore notes.txt' }).click();
    await page.getByRole('textbox', { name: 'Folder' }).fill('/home/me/Restored');
    await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(asked.at(-1)).toEqual({
      name: 'restore',
      argument: {
        vaultId: 'usb',
        snapshotId: '0'.repeat(64),
        path: '/notes.txt',
        overwrite: 'never',
        target: '/home/me/Restored',
      },
    });
    await page.close();
  });

  it('goes through the first run to a first backup', async () => {
    const { page, asked } = await built.open(states.bare, 'overview', size);
    await page.getByRole('button', { name: 'Set up the first backup' }).click();
    expect(await page.getByRole('textbox', { name: 'Folder or file 1' }).inputValue()).toBe('/home/me');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('textbox', { name: 'Folder of the vault' }).fill('/media/usb/new');
    await page.getByRole('button', { name: 'Test this place' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Finish and back up' }).click();
    await page.getByText('Slackwater recovery.txt').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(asked.map(({ name }) => name)).toEqual(['testPlace', 'addVault', 'savePlan', 'backUpNow']);
    expect(asked[1]?.argument).toEqual({ name: 'My vault', location: '/media/usb/new' });
    expect(asked[2]?.argument).toMatchObject({ name: 'My files', vaultId: 'made', sources: ['/home/me'] });
    await page.close();
  });

  it('asks for what a store needs, and gives its login to nobody else', async () => {
    const { page, asked } = await built.open(states.calm, 'vaults', size);
    await page.getByRole('button', { name: 'Add vault' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name of the vault' }).fill('Pi');
    await dialog.getByRole('combobox', { name: 'Kind of place' }).selectOption('rest');
    const test = dialog.getByRole('button', { name: 'Test this place' });
    expect(await test.isDisabled()).toBe(true);
    await dialog.getByLabel('Address of the server').fill('https://example:word%20one@pi.example:8000/me');
    await test.click();
    await dialog.getByText('Reached in 41 ms. A write took 64 ms. Read back in 43 ms.').waitFor();
    await dialog.getByLabel('Password for the server', { exact: true }).fill('word two');
    expect(await dialog.locator('.note-good').count()).toBe(0);
    await test.click();
    await dialog.getByRole('button', { name: 'Add the vault' }).click();
    await dialog.waitFor({ state: 'detached' });
    const location = 'rest:https://pi.example:8000/me';
    const login = (password: string) => ({
      RESTIC_REST_USERNAME: 'example',
      RESTIC_REST_PASSWORD: password,
    });
    expect(asked).toEqual([
      { name: 'testPlace', argument: { location, store: login('word one') } },
      { name: 'testPlace', argument: { location, store: login('word two') } },
      { name: 'addVault', argument: { name: 'Pi', location, store: login('word two') } },
    ]);
    await page.close();
  });

  it('unlocks only where asked, and says what came of it', async () => {
    const { page, asked } = await built.open(states.locked, 'vaults', size);
    const card = page.getByRole('region', { name: 'Family cloud' });
    await card.getByText('One waits before us.').waitFor();
    await card.getByRole('button', { name: 'Unlock safely' }).click();
    await card.getByText('One lock that was left behind is removed.').waitFor();
    expect(asked).toEqual([{ name: 'unlockVault', argument: { vaultId: 'cloud' } }]);
    await page.close();
  });

  it('counts down to the next try, and tries now when asked', async () => {
    const { page, asked } = await built.open(states.storeAway, 'vaults', size);
    const card = page.getByRole('region', { name: 'Raspberry Pi' });
    await card.getByText(/^Waiting: The store cannot be reached\. Trying again in [2-8] sec\.$/).waitFor();
    await card.getByText(/Trying again in 1 sec\./).waitFor();
    await card.getByText('9 in 412 requests; of the last ones, 35%').waitFor();
    await card.getByRole('button', { name: 'Try now' }).click();
    await expect.poll(() => asked).toEqual([{ name: 'tryVaultNow', argument: { vaultId: 'pi' } }]);
    await page.close();
  });

  it('finishes and gives up only what it is asked to, and says what that loses', async () => {
    const { page, asked } = await built.open(sealed, 'overview', size);
    const card = page.getByRole('region', { name: 'Waiting to finish' });
    await card
      .getByText(
        /^The store answers slowly\. Latency 480 ms\. 6% of the probes lost\. Next look in 1\d sec\.$/,
      )
      .waitFor();
    await card.getByRole('button', { name: 'Finish now: Documents' }).click();
    expect(await card.getByRole('button', { name: /^Finish now/ }).count()).toBe(1);
    await card.getByRole('button', { name: 'Drop: Documents' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/37\.0 MiB that were not sent yet are removed/).waitFor();
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    const finished = { name: 'finishNow', argument: { vaultId: 'pi' } };
    expect(asked).toEqual([finished]);
    await card.getByRole('button', { name: 'Drop: Documents' }).click();
    await dialog.getByRole('button', { name: 'Give it up' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(asked).toEqual([finished, { name: 'dropPending', argument: { id: 'c'.repeat(32) } }]);
    await page.close();
  });

  it('has the network in words as well, and looks when asked', async () => {
    const { page, asked } = await built.open(sealed, 'vaults', size);
    const card = page.getByRole('region', { name: 'Raspberry Pi' });
    const graph = card.getByRole('img', {
      name: /^Latency of 180 looks: half within \d+ ms, 19 of 20 within .*, 10 lost\./,
    });
    await graph.waitFor();
    expect(await graph.locator('.quality-lost').count()).toBe(10);
    await card.getByText('10 of 180 looks').waitFor();
    await card.getByRole('button', { name: 'Look now' }).click();
    await expect.poll(() => asked).toEqual([{ name: 'probeVault', argument: { vaultId: 'pi' } }]);
    await page.close();
  });

  it('compares regions only when asked, and says what it is based on', async () => {
    const { page, asked } = await built.open(sealed, 'vaults', size);
    const card = page.getByRole('region', { name: 'B2 in the west' });
    expect(await page.getByRole('button', { name: 'Compare regions' }).count()).toBe(1);
    await card.getByRole('button', { name: 'Compare regions' }).click();
    await card.getByText(/^eu-central-003: 41 ms, ours: 178 ms, 12 samples each\./).waitFor();
    const { location } = sealed.vaults[1]!.vault;
    expect(asked).toEqual([{ name: 'compareRegions', argument: { location } }]);
    await page.close();
  });

  it('limits the line once a number is typed to its end', async () => {
    const { page, asked } = await built.open(states.calm, 'settings', size);
    const limit = page.getByRole('textbox', { name: 'Upload limit, KiB a second' });
    await limit.fill('500');
    expect(asked).toEqual([]);
    await limit.press('Enter');
    const { general } = states.calm;
    await expect
      .poll(() => asked)
      .toEqual([{ name: 'saveGeneral', argument: { ...general, bandwidth: { up: 512_000 } } }]);
    await page.close();
  });

  it('says where keys lie without a keychain, and that only there', async () => {
    const { page, show } = await built.open({ ...states.calm, hasKeychain: false }, 'settings', size);
    const sentence = page.getByText('Slackwater found no keychain here');
    await sentence.waitFor();
    await show(states.calm);
    await sentence.waitFor({ state: 'detached' });
    await show({ ...states.calm, hasKeychain: false });
    await page.getByRole('link', { name: 'Vaults' }).click();
    await page.getByRole('button', { name: 'Add vault' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Folder of the vault' }).fill('/media/usb/new');
    await dialog.getByRole('button', { name: 'Test this place' }).click();
    await dialog.getByText('Slackwater found no keychain here').waitFor();
    expect(await dialog.getByText('keeps it in the keychain').count()).toBe(0);
    await page.close();
  });

  it('removes nothing but what a person confirms', async () => {
    const { page, asked } = await built.open({ ...states.calm, plans: [] }, 'vaults', size);
    await page.getByRole('button', { name: 'Remove' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('/media/usb/slackwater').waitFor();
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(asked).toEqual([]);
    await page.getByRole('button', { name: 'Remove' }).first().click();
    await dialog.getByRole('button', { name: 'Forget the vault' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(asked).toEqual([{ name: 'removeVault', argument: { vaultId: 'usb' } }]);
    await page.close();
  });
});
