/**
 * Draws the tray's icons and the app's: a wave line in a circle, seven shapes told apart without colour, each for a
 * light and a dark panel. Writes the SVGs and PNGs of `build/icons`, which are committed: run it, with a Chromium's
 * path as argument, only after a change of the drawing.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import type { VerdictKind } from '../engine/protocol/app-state.ts';

const folder = fileURLToPath(new URL('icons/', import.meta.url));
const traySizes = [16, 22, 32];
const appSize = 512;

interface Tint {
  readonly ink: string;
  readonly accent: string;
  readonly amber: string;
  readonly red: string;
}

/** By the panel that they stand on. */
const tints: Readonly<Record<string, Tint>> = {
  light: { ink: '#1f2937', accent: '#0f766e', amber: '#b45309', red: '#b91c1c' },
  dark: { ink: '#f3f4f6', accent: '#2dd4bf', amber: '#fbbf24', red: '#f87171' },
};

// All on a square of 16 by 16, with lines of about 1.6, so that they stay lines at 16 pixels.
const wave = 'M3.6 8.3q1.1-1.7 2.2 0t2.2 0t2.2 0t2.2 0';
const badgeAt = 'cx="11.4" cy="11.4"';
const circle = (colour: string): string =>
  `<circle cx="8" cy="8" r="6.9" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
const stroke = (path: string, colour: string, width = 1.6): string =>
  `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;
/** What is drawn here is cut out of the shape that uses it, so that the panel shows through. */
const hole = (id: string, shape: string): string =>
  `<mask id="${id}"><rect width="16" height="16" fill="#fff"/>${shape}</mask>`;
/** The circle with its wave, and room for a badge at the lower right. */
const besideBadge = (ink: string, radius: number): string =>
  hole('room', `<circle ${badgeAt} r="${radius + 1.1}" fill="#000"/>`) +
  `<g mask="url(#room)">${circle(ink)}${stroke('M3.6 7.2q1.1-1.7 2.2 0t2.2 0t2.2 0t2.2 0', ink)}</g>`;

const drawings: Readonly<Record<VerdictKind, (tint: Tint) => string>> = {
  protected: ({ ink, accent }) => circle(ink) + stroke(wave, accent, 1.8),
  // An arc instead of the circle, and the line rises.
  working: ({ ink, accent }) =>
    stroke('M8 1.1A6.9 6.9 0 1 1 1.1 8', ink, 1.5) +
    stroke('M4.2 10.8q2.2.2 3.6-2t4-3.6M8.7 4.9l3.1.3-.3 3.1', accent),
  waiting: ({ ink, amber }) =>
    besideBadge(ink, 4.4) +
    hole('hands', stroke('M11.4 8.9v2.7l1.8 1.1', '#000', 1.4)) +
    `<circle ${badgeAt} r="4.4" fill="${amber}" mask="url(#hands)"/>`,
  // The line reaches the rim on both sides, and the circle is full below it.
  finishing: ({ ink, accent }) =>
    `<path d="M1.4 8.6q2.2-3 4.4 0t4.4 0t4.4 0A6.7 6.7 0 0 1 1.4 8.6z" fill="${accent}"/>${circle(ink)}`,
  attention: ({ ink, amber }) => `${besideBadge(ink, 3)}<circle ${badgeAt} r="3" fill="${amber}"/>`,
  failed: ({ ink, red }) => circle(ink) + stroke('M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2', red, 2),
  paused: ({ ink, accent }) => circle(ink) + stroke('M6.2 5.2v5.6M9.8 5.2v5.6', accent, 2),
};

const svg = (drawing: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${drawing}</svg>\n`;

const appIcon = svg(
  '<rect width="16" height="16" rx="3.6" fill="#0f766e"/>' +
    '<circle cx="8" cy="8" r="5" fill="none" stroke="#fff" stroke-width="1"/>' +
    stroke('M4.6 8.2q.85-1.3 1.7 0t1.7 0t1.7 0t1.7 0', '#fff', 1.1),
);

async function render(page: Page, drawing: string, sizePx: number): Promise<Buffer> {
  await page.setViewportSize({ width: sizePx, height: sizePx });
  const style = 'html,body{margin:0;background:transparent}svg{display:block;width:100vw;height:100vh}';
  await page.setContent(`<style>${style}</style>${drawing}`);
  return page.screenshot({ omitBackground: true });
}

const browser = await chromium.launch({
  executablePath: process.argv[2] ?? 'chromium',
  args: ['--no-sandbox'],
});
try {
  const page = await browser.newPage();
  for (const [panel, tint] of Object.entries(tints)) {
    for (const [kind, draw] of Object.entries(drawings)) {
      const drawing = svg(draw(tint));
      writeFileSync(`${folder}${kind}-${panel}.svg`, drawing);
      for (const size of traySizes) {
        writeFileSync(`${folder}${kind}-${panel}-${size}.png`, await render(page, drawing, size));
      }
    }
  }
  writeFileSync(`${folder}app.svg`, appIcon);
  writeFileSync(`${folder}app.png`, await render(page, appIcon, appSize));
} finally {
  await browser.close();
}
