/** Every page and dialog of the window in the states that matter: what is pictured, and what is tested for access. */
import type { Page } from 'playwright-core';
import type { AppState } from '../../engine/protocol/app-state.ts';
import { deadNetwork, sealed } from './fake-networks.ts';
import { states } from './fake-state.ts';

export interface Scene {
  readonly name: string;
  readonly route: string;
  readonly state: AppState;
  /** Buttons are found by their place, not by their words: the scenes are played in both languages. */
  act?(page: Page): Promise<void>;
}

const toLastStep = async (page: Page): Promise<void> => {
  const next = page.locator('.first-run .card button').last();
  await next.click();
  await page.locator('.path-field input').fill('/media/usb/new');
  await page.locator('.first-run .card button').nth(1).click();
  await page.locator('.note-good').waitFor();
  await next.click();
};

/** Each theme with each language, wide and narrow. */
export const looks = [
  { name: 'light-en', theme: 'light', language: 'en', width: 1_000 },
  { name: 'dark-zh', theme: 'dark', language: 'zh', width: 1_000 },
  { name: 'narrow-dark-en', theme: 'dark', language: 'en', width: 420 },
  { name: 'narrow-light-zh', theme: 'light', language: 'zh', width: 420 },
] as const;

export type Look = (typeof looks)[number];

export const scenes: readonly Scene[] = [
  { name: 'overview-empty', route: 'overview', state: states.bare },
  { name: 'overview-calm', route: 'overview', state: states.calm },
  { name: 'overview-working', route: 'overview', state: states.working },
  { name: 'overview-waiting', route: 'overview', state: states.waiting },
  { name: 'overview-trouble', route: 'overview', state: states.trouble },
  { name: 'restore-empty', route: 'restore', state: states.bare },
  { name: 'restore-points', route: 'restore', state: states.restoring },
  {
    name: 'restore-folder',
    route: 'restore',
    state: states.trouble,
    act: async (page) => {
      await page.locator('.row button').first().click();
      await page.locator('.way').waitFor();
      await page.locator('.row .link').first().waitFor();
    },
  },
  {
    name: 'restore-choice',
    route: 'restore',
    state: states.calm,
    act: async (page) => {
      await page.locator('.row button').first().click();
      await page.locator('.row .link').nth(1).waitFor();
      await page.locator('.row button:not(.link)').nth(1).click();
      await page.locator('input[type=radio]').last().check();
    },
  },
  { name: 'vaults-empty', route: 'vaults', state: states.bare },
  { name: 'vaults', route: 'vaults', state: states.calm },
  {
    name: 'vault-removal',
    route: 'vaults',
    state: { ...states.calm, plans: [] },
    act: async (page) => {
      await page.locator('.card button[data-variant=subtle]').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'vault-adding',
    route: 'vaults',
    state: states.calm,
    act: async (page) => {
      await page.locator('.page button').first().click();
      await page.locator('.path-field input').fill('/media/usb/vault');
      await page.getByRole('dialog').locator('button').nth(2).click();
      await page.locator('.note-good').waitFor();
    },
  },
  { name: 'overview-store-away', route: 'overview', state: states.storeAway },
  { name: 'restore-store-away', route: 'restore', state: states.storeAway },
  { name: 'vaults-locked', route: 'vaults', state: states.locked },
  {
    name: 'vaults-unlocked',
    route: 'vaults',
    state: states.locked,
    act: async (page) => {
      await page.locator('.card').first().locator('.scroll-x + div button').click();
      await page
        .locator('.card')
        .first()
        .getByRole('status')
        .getByText(/^(?:One|已移除)/)
        .waitFor();
    },
  },
  { name: 'vaults-store-away', route: 'vaults', state: states.storeAway },
  {
    name: 'vault-adding-rest',
    route: 'vaults',
    state: states.calm,
    act: async (page) => {
      await page.locator('.page button').first().click();
      const dialog = page.getByRole('dialog');
      await dialog.locator('select').selectOption('rest');
      await dialog.locator('input').nth(1).fill('https://raspberry.example:8000/me');
      await dialog.locator('summary').click();
      await dialog.locator('.mantine-Button-root').filter({ visible: true }).nth(-3).click();
      await dialog.locator('.note-good').waitFor();
    },
  },
  {
    name: 'vault-adding-s3',
    route: 'vaults',
    state: states.calm,
    act: async (page) => {
      await page.locator('.page button').first().click();
      await page.getByRole('dialog').locator('select').first().selectOption('s3');
    },
  },
  {
    name: 'vault-login',
    route: 'vaults',
    state: states.storeAway,
    act: async (page) => {
      await page.locator('.card').first().locator('button').nth(-2).click();
      await page.getByRole('dialog').locator('input').first().waitFor();
    },
  },
  { name: 'overview-sealed', route: 'overview', state: sealed },
  {
    name: 'overview-drop',
    route: 'overview',
    state: sealed,
    act: async (page) => {
      await page.locator('.pending-rows button').nth(1).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'vaults-networks', route: 'vaults', state: sealed },
  { name: 'vaults-dead-network', route: 'vaults', state: deadNetwork },
  {
    name: 'vaults-regions',
    route: 'vaults',
    state: { ...sealed, vaults: sealed.vaults.slice(1, 2) },
    act: async (page) => {
      await page.locator('.card .part:not(.network) button').click();
      await page.locator('.regions').waitFor();
    },
  },
  {
    name: 'vault-adding-regions',
    route: 'vaults',
    state: states.calm,
    act: async (page) => {
      await page.locator('.page button').first().click();
      const dialog = page.getByRole('dialog');
      await dialog.locator('select').first().selectOption('s3');
      await dialog.locator('input').nth(1).fill('s3.us-west-004.backblaze.example');
      await dialog.locator('.part button').click();
      await dialog.locator('.regions').waitFor();
    },
  },
  { name: 'activity-empty', route: 'activity', state: { ...states.bare } },
  {
    name: 'activity',
    route: 'activity',
    state: states.calm,
    act: async (page) => page.locator('.run-row summary').nth(1).click(),
  },
  { name: 'settings', route: 'settings', state: states.calm },
  { name: 'settings-no-keychain', route: 'settings', state: { ...states.calm, hasKeychain: false } },
  { name: 'set-new', route: 'set', state: { ...states.calm, host: 'web' } },
  { name: 'set-edit', route: 'set/documents', state: states.calm },
  { name: 'welcome-what', route: 'welcome', state: states.bare },
  { name: 'welcome-when', route: 'welcome', state: states.bare, act: toLastStep },
  {
    name: 'welcome-done',
    route: 'welcome',
    state: states.bare,
    act: async (page) => {
      await toLastStep(page);
      await page.locator('.first-run .card button').last().click();
      await page.locator('.card:visible .wrap').waitFor();
    },
  },
];
