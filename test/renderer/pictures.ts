/**
 * Pictures of every page, light and dark, in both languages, wide and narrow: to be looked at. Run with Node; the
 * folder is its argument, or `build/out/pictures`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { AppState } from '../../engine/protocol/app-state.ts';
import { startBuiltWindow } from './built-window.ts';
import { scenes } from './scenes.ts';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../build/out/pictures', import.meta.url));
mkdirSync(folder, { recursive: true });

const looks = [
  { name: 'light-en', theme: 'light', language: 'en', width: 1_000 },
  { name: 'dark-zh', theme: 'dark', language: 'zh', width: 1_000 },
  { name: 'narrow-dark-en', theme: 'dark', language: 'en', width: 420 },
  { name: 'narrow-light-zh', theme: 'light', language: 'zh', width: 420 },
] as const;

/** The picture is as high as its content, so that nothing is out of sight. */
async function fitHeight(page: Page, width: number): Promise<void> {
  const height = await page.evaluate(
    `Math.max(700, (document.querySelector('.content') ?? document.body).scrollHeight + (innerWidth < 704 ? 64 : 0))`,
  );
  await page.setViewportSize({ width, height: Number(height) });
}

const built = await startBuiltWindow();
try {
  for (const scene of scenes) {
    for (const { name, theme, language, width } of looks) {
      const state: AppState = { ...scene.state, general: { ...scene.state.general, theme, language } };
      const opened = await built.open(state, scene.route, { width, height: 700 });
      await scene.act?.(opened.page);
      await fitHeight(opened.page, width);
      await opened.page.screenshot({
        path: join(folder, `${scene.name}-${name}.png`),
        animations: 'disabled',
      });
      for (const wrong of opened.wrongs) process.stdout.write(`${scene.name} ${name}: ${wrong}\n`);
      await opened.page.close();
    }
  }
} finally {
  await built.close();
}
process.stdout.write(`${scenes.length * looks.length} pictures\n`);
