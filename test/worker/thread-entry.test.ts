import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import config from '../../build/electron-builder.config.ts';
import { threadEntry } from '../../engine/worker/real-world.ts';

it.each([
  ['written', 'file:///home/me/slackwater/engine/worker', 'ts'],
  ['compiled', 'file:///home/me/node_modules/slackwater/build/out/engine/worker', 'js'],
  ['in an archive', 'file:///opt/Slackwater/resources/app.asar/build/out/engine/worker', 'js'],
  ['beside an archive', 'file:///C:/Slack%20water/resources/app.asar.unpacked/build/out/engine/worker', 'js'],
  ['in a folder named like it', 'file:///home/real-world.js/real-world.ts/worker', 'js'],
])('a thread runs the module beside the one that hires it: %s', (_, folder, kind) => {
  expect(threadEntry(`${folder}/real-world.${kind}`).href).toBe(`${folder}/thread.${kind}`);
});

it('is found from a bundle, too', () => {
  const bundle = 'file:///home/me/node_modules/slackwater/build/out/engine/parts/real-world-CODXaVAk.js';
  const thread = 'file:///home/me/node_modules/slackwater/build/out/engine/worker/thread.js';
  expect(threadEntry(bundle).href).toBe(thread);
});

it('is there', () => {
  const own = import.meta.resolve('../../engine/worker/real-world.ts');
  expect(existsSync(fileURLToPath(threadEntry(own)))).toBe(true);
});

it('native modules, which no thread can load out of an archive, lie beside it', () => {
  expect(config.asar).toBe(true);
  expect(config.asarUnpack).toContain('**/*.node');
});
