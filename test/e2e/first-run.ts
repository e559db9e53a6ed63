/** The first run as a person goes through it, and the sheet that it leaves; for the end-to-end specs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { dataIn } from './data-folder.ts';

/** What the recovery sheet says that opens the vault: the sheet is all that its owner may have left. */
export function keyOfSheet(dataFolder: string): string {
  const { folder } = dataIn(dataFolder);
  const name = readdirSync(folder).find((one) => one.startsWith('recovery-sheet-')) ?? 'no recovery sheet';
  const key = /^ {4}(\S{20,})$/m.exec(readFileSync(join(folder, name), 'utf8'))?.[1];
  if (key === undefined) throw new Error('the recovery sheet has no key');
  return key;
}

/** The three steps of the first run, in the window, without a first backup. */
export async function setUp(page: Page, source: string, vault: string): Promise<void> {
  await setUpAt(page, source, 'Disk', () => page.getByLabel('Folder of the vault').fill(vault));
}

/** The same, with a server in the place of a folder. */
export async function setUpServer(page: Page, source: string, address: string): Promise<void> {
  await setUpAt(page, source, 'Server', async () => {
    await page.getByRole('combobox', { name: 'Kind of place' }).selectOption('rest');
    await page.getByLabel('Address of the server').fill(address);
  });
}

async function setUpAt(
  page: Page,
  source: string,
  vaultName: string,
  namePlace: () => Promise<void>,
): Promise<void> {
  await page.getByRole('button', { name: 'Set up the first backup' }).click();
  await page.getByLabel('Folder or file 1').fill(source);
  await page.getByLabel('Name', { exact: true }).fill('Files');
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await page.getByLabel('Name of the vault').fill(vaultName);
  await namePlace();
  await page.getByRole('button', { name: 'Test this place' }).click();
  await page.getByText('Empty and writable').waitFor();
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await page.getByLabel('Start the first backup now').uncheck();
  await page.getByRole('button', { name: 'Finish', exact: true }).click();
  await page.getByText(/^Your recovery sheet lies at /).waitFor();
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await page
    .getByRole('heading', { name: 'Files' })
    .or(page.getByText('Files', { exact: true }))
    .first()
    .waitFor();
}
